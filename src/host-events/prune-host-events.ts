import { sql, type Kysely } from 'kysely';
import type { Database } from '../db/database.ts';

const BATCH = 1_000;

/**
 * Deletes events that were kept long enough: sent ones, those that are only in the feed, and parked ones. Events that wait to be sent stay,
 * as long as events are sent at all. The feed notes up to where it was deleted, so that a reader who was away for longer learns that
 * something is missing. `signal` ends it between two batches. Returns how many were deleted.
 */
export async function pruneHostEvents(
  db: Kysely<Database>,
  { before, sending, signal }: { before: Date; sending: boolean; signal?: AbortSignal },
): Promise<number> {
  const statuses = ['sent', 'feed', 'parked', ...(sending ? [] : ['waiting'])];
  for (let deleted = 0; ;) {
    const rows = await db.transaction().execute(async (trx) => {
      const gone = await trx
        .deleteFrom('host_event')
        .where('id', 'in', (eb) =>
          eb
            .selectFrom('host_event')
            .select('id')
            .where('recorded_at', '<', before)
            .where('status', 'in', statuses)
            .where('position', 'is not', null)
            .where(({ or, eb: parked }) => or([parked('parked_at', 'is', null), parked('parked_at', '<', before)]))
            .orderBy('recorded_at')
            .limit(BATCH)
            .forUpdate()
            .skipLocked(),
        )
        .returning(sql<number>`position`.as('position'))
        .execute();
      if (gone.length > 0) {
        const through = gone.reduce((most, { position }) => Math.max(most, position), 0);
        await trx
          .updateTable('host_event_feed')
          .set({ pruned_through: sql<number>`greatest(pruned_through, ${through}::bigint)` })
          .execute();
      }
      return gone.length;
    });
    deleted += rows;
    if (rows < BATCH || signal?.aborted) return deleted;
  }
}
