import { sql, type Kysely } from 'kysely';

/** What a host wants for one tenant instead of the deployment's settings. Null: as the deployment has it. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('tenant_settings')
    .addColumn('tenant_id', 'text', (column) => column.primaryKey())
    .addColumn('webhook_scope', 'text', (column) => column.check(sql`webhook_scope in ('user', 'organization')`))
    .addColumn('webhook_events', sql`text[]`)
    .addColumn('polling_minutes', 'integer')
    .addColumn('backfill_past_days', 'integer')
    .addColumn('backfill_hours', 'integer')
    .addColumn('changed_at', 'timestamptz', (column) => column.notNull())
    .execute();
}
