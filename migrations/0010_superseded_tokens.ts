import type { Kysely } from 'kysely';

/** Access tokens that a refresh replaced: good at Calendly to the end of their two hours, so a disconnect has to revoke them, too. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('superseded_access_token')
    .addColumn('credential_id', 'uuid', (c) => c.primaryKey())
    .addColumn('tenant_id', 'text', (c) => c.notNull())
    .addColumn('grant_id', 'uuid', (c) => c.notNull())
    .addColumn('expires_at', 'timestamptz', (c) => c.notNull())
    .execute();
  await db.schema
    .createIndex('superseded_access_token_by_grant')
    .on('superseded_access_token')
    .column('grant_id')
    .execute();
}
