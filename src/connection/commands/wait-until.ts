import type { Kysely } from 'kysely';
import { waitingStates } from '../../../machines/connection/index.ts';
import type { Database } from '../../db/database.ts';
import type { Changes } from '../reads/listen-for-changes.ts';

/** A notification can be lost, so a waiting caller looks again after this time. */
const LOOK_AGAIN_MS = 1_000;

/**
 * Calls `look` until it finds something. Returns undefined if the time is up before. Between two looks it holds neither a transaction
 * nor a connection of the pool.
 */
export async function waitUntil<T>(
  changes: Changes,
  tenantId: string,
  seconds: number,
  look: () => Promise<T | undefined>,
  signal?: AbortSignal,
): Promise<T | undefined> {
  const end = performance.now() + seconds * 1000;
  for (;;) {
    // Subscribe before looking, so that no change in between is missed.
    const stop = new AbortController();
    const left = end - performance.now();
    const change = changes.next(
      tenantId,
      Math.max(0, Math.min(LOOK_AGAIN_MS, left)),
      AbortSignal.any([stop.signal, ...(signal ? [signal] : [])]),
    );
    const found = await look();
    if (found !== undefined || left <= 0 || changes.ended || signal?.aborted) {
      stop.abort();
      return found;
    }
    await change;
  }
}

/** True if the connection waits for no answer any more at `version` or later. In `error.retrying` it waits for none. */
export async function isAnswered(db: Kysely<Database>, tenantId: string, version: number): Promise<true | undefined> {
  const row = await db
    .selectFrom('connection')
    .select(['state', 'substate', 'version'])
    .where('tenant_id', '=', tenantId)
    .executeTakeFirst();
  return row !== undefined && row.version >= version && !waitingStates.has(`${row.state}.${row.substate}`)
    ? true
    : undefined;
}
