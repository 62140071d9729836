import type { Kysely } from 'kysely';

/** What became of a consent attempt, on its own row. Null: nothing yet, or decided by an older release. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema.alterTable('consent_attempt').addColumn('outcome', 'text').addColumn('reason', 'text').execute();
}
