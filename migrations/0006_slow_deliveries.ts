import type { Kysely } from 'kysely';

/** Deliveries that were answered so slowly that Calendly may have given up on them; counted per day. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .alterTable('subscription')
    .addColumn('slow_deliveries', 'integer', (c) => c.notNull().defaultTo(0))
    .addColumn('slow_since', 'timestamptz')
    .execute();
}
