import { type Kysely, sql } from 'kysely';

/** Deliveries that wait are found by their tenant, too. Meetings are listed from an index of their own, so nothing reads events by start. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`create index delivery_to_apply_by_tenant on delivery (tenant_id, id) where verdict = 'received'`.execute(
    db,
  );
  await sql`drop index scheduled_event_by_start`.execute(db);
}
