import { type Kysely, sql } from 'kysely';

/**
 * What a diagnosis of all tenants needs: since when a connection has been unwell, however often it was tried meanwhile; and the few
 * rows that make a tenant worth a look, found without reading the many that do not.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema.alterTable('connection').addColumn('unwell_since', 'timestamptz').execute();
  await sql`create index connection_by_machine_version on connection (machine_version)`.execute(db);
  await sql`create index host_event_parked on host_event (tenant_id, seq) where status = 'parked'`.execute(db);
  await sql`create index delivery_unapplied on delivery (tenant_id, id) where verdict = 'received' and attempts > 0`.execute(
    db,
  );
  await sql`create index delivery_refused_by_age on delivery (received_at, tenant_id) where verdict like 'refused:%'`.execute(
    db,
  );
  await sql`create index subscription_in_trouble on subscription (tenant_id)
    where status = 'live' and (retry_started_at is not null or slow_since is not null)`.execute(db);
  await sql`create index timer_of_backfill on timer (tenant_id) where name = 'backfill'`.execute(db);
  await sql`create index oauth_grant_failing on oauth_grant (tenant_id) where status = 'current' and refresh_failures > 0`.execute(
    db,
  );
  await sql`create index backfill_recovered on backfill (finished_at, tenant_id)
    where recovered > 0 and reason not in ('first', 'poll')`.execute(db);
}
