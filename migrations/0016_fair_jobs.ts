import type { Kysely } from 'kysely';

/** How urgent an effect is, for whoever fetches its job next; and when work on it began, which is when its step's deadline counts from. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .alterTable('effect')
    .addColumn('priority', 'smallint', (c) => c.notNull().defaultTo(0))
    .addColumn('begun_at', 'timestamptz')
    .execute();
}
