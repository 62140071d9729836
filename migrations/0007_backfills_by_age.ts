import type { Kysely } from 'kysely';

/** Finished and superseded back-fills are deleted by age. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema.createIndex('backfill_by_age').on('backfill').column('updated_at').execute();
}
