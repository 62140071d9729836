import { type Kysely, sql } from 'kysely';

/** When each tenant's meetings were last asked for again, so that a gap is remembered until everybody's has been filled. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema.alterTable('connection').addColumn('backfill_asked_at', 'timestamptz').execute();
  await sql`update connection set backfill_asked_at = now() where (snapshot->'context'->'backfill'->>'run')::int > 0`.execute(
    db,
  );
  await db.schema.createIndex('connection_by_backfill').on('connection').column('backfill_asked_at').execute();
  // The last time in which no instance was running, from when to when
  await db.schema
    .alterTable('service_run')
    .addColumn('gap_since', 'timestamptz')
    .addColumn('gap_until', 'timestamptz')
    .execute();
}
