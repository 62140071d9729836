import { sql, type Kysely } from 'kysely';

/**
 * Tokens brought in from another system, and handed out to one. `shared`: that system has these tokens as well, so they are wiped and
 * never revoked. `imported`: a webhook of that system, to be deleted; many tenants may have had one URL there.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`alter table oauth_grant add column shared boolean not null default false`.execute(db);
  await sql`alter table subscription add column imported boolean not null default false`.execute(db);
  await sql`alter table subscription drop constraint subscription_callback_url_key`.execute(db);
  await sql`create unique index subscription_callback_url_key on subscription (callback_url) where not imported`.execute(
    db,
  );
  await db.schema
    .createTable('connection_import')
    .addColumn('id', 'uuid', (column) => column.primaryKey())
    .addColumn('tenant_id', 'text', (column) => column.notNull())
    .addColumn('grant_id', 'uuid', (column) => column.notNull())
    .addColumn('token_hash', 'bytea', (column) => column.notNull())
    .addColumn('created_at', 'timestamptz', (column) => column.notNull())
    .addColumn('ended_at', 'timestamptz')
    .addColumn('outcome', 'text', (column) => column.check(sql`outcome in ('accepted', 'failed')`))
    .addColumn('reason', 'text')
    .addColumn('message', 'text')
    .execute();
  await sql`create index connection_import_by_token on connection_import (tenant_id, token_hash, created_at)`.execute(
    db,
  );
}
