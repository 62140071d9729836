import { type Kysely, sql } from 'kysely';

/** The trace in which something was asked for, so that the work that goes on later belongs to it. Null: nothing was traced. */
export async function up(db: Kysely<unknown>): Promise<void> {
  for (const table of ['delivery', 'effect', 'host_event']) {
    await sql`alter table ${sql.table(table)} add column traceparent text`.execute(db);
  }
}
