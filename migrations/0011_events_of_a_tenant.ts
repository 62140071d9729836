import { type Kysely, sql } from 'kysely';

/** For the inspector: a tenant's warnings and what of its events is parked, however many events it has had. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`create index host_event_warnings on host_event (tenant_id, seq) where type = 'connection.warning'`.execute(
    db,
  );
  await sql`create index host_event_parked_by_tenant on host_event (tenant_id) where status = 'parked'`.execute(db);
}
