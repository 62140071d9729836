import type { Kysely } from 'kysely';
import { pruneHistoryOf } from './prune-history-of.ts';
import type { Database } from '../db/database.ts';

/** Prunes the history of every tenant that has rows from before `before`, one tenant and batch per transaction. */
export async function pruneHistory(
  db: Kysely<Database>,
  before: Date,
  { batch, signal, now }: { batch: number; signal?: AbortSignal | undefined; now: () => Date },
): Promise<number> {
  let deleted = 0;
  for (;;) {
    const tenants = await db
      .selectFrom('history')
      .select('tenant_id')
      .distinct()
      .where('at', '<', before)
      .limit(batch)
      .execute();
    const deletedBefore = deleted;
    for (const { tenant_id: tenantId } of tenants) {
      for (let rows = batch; rows === batch; deleted += rows) {
        if (signal?.aborted) return deleted;
        rows = await db.transaction().execute((trx) => pruneHistoryOf(trx, tenantId, { before, now: now(), batch }));
      }
    }
    // Nothing is left, or other instances have locked the rest.
    if (deleted === deletedBefore) return deleted;
  }
}
