import type { Kysely } from 'kysely';

/** Due timers are taken from their own table: who is at one, until when it is left to him, and how often it has failed. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .alterTable('timer')
    .addColumn('claimed_until', 'timestamptz')
    .addColumn('failures', 'smallint', (c) => c.notNull().defaultTo(0))
    .execute();
}
