import type { Kysely, Transaction } from 'kysely';
import type { Database } from '../db/database.ts';
import { appendCheckpoint } from '../connection/dispatch/append-history.ts';
import type { StoredSnapshot } from '../connection/dispatch/snapshot.ts';

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

/**
 * Deletes at most `batch` of a tenant's oldest history rows from before `before`, and returns how many. Replay starts at the last
 * checkpoint. If rows after it have to be deleted, a new checkpoint with the present snapshot is written first: one per retention period,
 * however often this runs. The order of the rows decides, not only their times, because clocks may jump.
 */
async function pruneHistoryOf(
  trx: Transaction<Database>,
  tenantId: string,
  { before, now, batch }: { before: Date; now: Date; batch: number },
): Promise<number> {
  const connection = await trx
    .selectFrom('connection')
    .select(['snapshot', 'machine_version', 'version', 'state', 'substate'])
    .where('tenant_id', '=', tenantId)
    .forUpdate()
    .executeTakeFirst();
  // The tenant was erased meanwhile, with its history.
  if (connection === undefined) return 0;
  if (await needsCheckpoint(trx, tenantId, before)) {
    const { snapshot, machine_version: machineVersion, version, state, substate } = connection;
    await appendCheckpoint(trx, {
      tenantId,
      version,
      at: now,
      cause: { kind: 'retention' },
      note: 'pruned',
      snapshot: snapshot as unknown as StoredSnapshot,
      machineVersion,
      state: substate === null ? state : `${state}.${substate}`,
    });
  }
  const { numDeletedRows } = await trx
    .deleteFrom('history')
    .where('id', 'in', (eb) =>
      eb
        .selectFrom('history')
        .select('id')
        .where('tenant_id', '=', tenantId)
        .where('at', '<', before)
        .where('id', '<', idOfLastCheckpoint(trx, tenantId))
        .orderBy('id')
        .limit(batch),
    )
    .executeTakeFirstOrThrow();
  return Number(numDeletedRows);
}

/** True if a row that has to be deleted comes after the last checkpoint, so that replay needs it. */
async function needsCheckpoint(trx: Transaction<Database>, tenantId: string, before: Date): Promise<boolean> {
  const row = await trx
    .selectFrom('history')
    .select('id')
    .where('tenant_id', '=', tenantId)
    .where('at', '<', before)
    .where('id', '>=', idOfLastCheckpoint(trx, tenantId))
    .limit(1)
    .executeTakeFirst();
  return row !== undefined;
}

function idOfLastCheckpoint(trx: Transaction<Database>, tenantId: string) {
  return trx
    .selectFrom('history')
    .select(({ fn }) => fn.max('id').as('id'))
    .where('tenant_id', '=', tenantId)
    .where('kind', '=', 'checkpoint');
}
