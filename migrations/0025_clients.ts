import { sql, type Kysely } from 'kysely';

/**
 * Several OAuth applications in one deployment, known by the name that the configuration gives them. `connection.client` is null until the
 * first connect or import chooses one.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`alter table connection add column client text`.execute(db);
  await sql`update connection set client = 'default' where state <> 'disconnected' or last_account_uri is not null`.execute(
    db,
  );
  for (const table of ['oauth_grant', 'consent_attempt']) {
    await sql`alter table ${sql.table(table)} add column client text not null default 'default'`.execute(db);
  }
}
