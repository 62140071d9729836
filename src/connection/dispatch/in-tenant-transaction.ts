import type { Kysely, Transaction } from 'kysely';
import type { Database } from '../../db/database.ts';
import { ProblemError } from '../../errors.ts';
import { afterCommit } from './after-commit.ts';
import type { DispatchDeps } from './dispatch-deps.ts';

/** Longer than the wait for a lock (`SHORT_LIMITS`), so that a caller who waits for its turn can still get the lock. */
const LONGEST_TURN_MS = 5_000;

/** Other work has held this tenant's connection for too long. The caller may try again. */
export class TenantBusyError extends ProblemError {
  constructor() {
    super('tenant_busy', undefined, { headers: { 'retry-after': '1' } });
  }
}

export type TenantTransactionDeps = Pick<DispatchDeps, 'onCommitted'> & { db: Kysely<Database> };

/** The last caller in the queue, by tenant. One map per database, because a process may use several. */
const turns = new WeakMap<object, Map<string, Promise<void>>>();

/**
 * A transaction that locks a tenant's row, one at a time in this process. Callers wait for their turn without a database connection,
 * so if another session has locked a tenant's row, that tenant uses one connection of the pool and not all of them.
 */
export async function inTenantTransaction<T>(
  { db, onCommitted }: TenantTransactionDeps,
  tenantId: string,
  work: (trx: Transaction<Database>) => Promise<T>,
): Promise<T> {
  const ofDatabase = turns.get(db) ?? new Map<string, Promise<void>>();
  turns.set(db, ofDatabase);
  const former = ofDatabase.get(tenantId);
  const turn = Promise.withResolvers<void>();
  const mine = (former ?? Promise.resolve()).then(() => turn.promise);
  ofDatabase.set(tenantId, mine);
  try {
    if (former !== undefined) await inTime(former);
    const { result, after } = await whenFree(() =>
      db.transaction().execute(async (trx) => ({ result: await work(trx), after: afterCommit(trx) })),
    );
    onCommitted?.(after);
    return result;
  } finally {
    turn.resolve();
    if (ofDatabase.get(tenantId) === mine) ofDatabase.delete(tenantId);
  }
}

/** PostgreSQL ends a frozen instance's transaction after 5 s (`idle_in_transaction_session_timeout`), and its locks are free then. */
const LONGEST_LOCK_MS = 6_000;
const LOCK_NOT_AVAILABLE = '55P03';

/** Tries again while another session has locked the row, and returns the connection to the pool in between. */
async function whenFree<T>(transact: () => Promise<T>): Promise<T> {
  const end = performance.now() + LONGEST_LOCK_MS;
  for (;;) {
    try {
      return await transact();
    } catch (error) {
      const isHeld = error instanceof Error && 'code' in error && error.code === LOCK_NOT_AVAILABLE;
      if (!isHeld || performance.now() > end) throw error;
    }
  }
}

async function inTime(former: Promise<void>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const tooLong = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new TenantBusyError()), LONGEST_TURN_MS);
  });
  try {
    await Promise.race([former, tooLong]);
  } finally {
    clearTimeout(timer);
  }
}
