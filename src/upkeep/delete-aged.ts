import { sql, type Kysely, type RawBuilder } from 'kysely';
import type { Database } from '../db/database.ts';

/** The rows of one table that have been kept long enough. `age` is null while a row is still in use; such a row is never deleted. */
export interface AgedRows {
  table: 'exchange' | 'delivery' | 'effect' | 'refresh_intent' | 'debt' | 'backfill' | 'audit' | 'ended_session';
  age: 'started_at' | 'received_at' | 'answered_at' | 'settled_at' | 'updated_at' | 'at' | 'expires_at';
  before: Date;
  /** One more condition. It names the row by its table. */
  and?: RawBuilder<unknown>;
}

/**
 * Deletes these rows, one batch per statement, so that no lock is held for long. Several instances may do it at the same time: rows that
 * another one has locked are skipped.
 */
export async function deleteAged(
  db: Kysely<Database>,
  { table, age, before, and = sql`true` }: AgedRows,
  { batch, signal }: { batch: number; signal?: AbortSignal | undefined },
): Promise<number> {
  let deleted = 0;
  for (;;) {
    if (signal?.aborted) return deleted;
    const { numAffectedRows = 0n } = await sql`
      delete from ${sql.table(table)} where ctid = any(array(
        select ctid from ${sql.table(table)} where ${sql.ref(age)} < ${before} and ${and}
        order by ${sql.ref(age)} limit ${batch} for update skip locked))`.execute(db);
    deleted += Number(numAffectedRows);
    if (numAffectedRows < BigInt(batch)) return deleted;
  }
}
