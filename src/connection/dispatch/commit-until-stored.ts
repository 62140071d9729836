import { sql, type Kysely, type Transaction } from 'kysely';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Database } from '../../db/database.ts';
import { isDatabaseFailure } from '../../db/database-failure.ts';
import { afterCommit, type AfterCommit } from './after-commit.ts';
import type { DispatchDeps } from './dispatch-deps.ts';
import { inTenantTransaction, TenantBusyError, type TenantTransactionDeps } from './in-tenant-transaction.ts';

const FIRST_WAIT_MS = 100;
const MOST_WAIT_MS = 2_000;

/**
 * Repeats a transaction of a tenant until it has committed once, whatever errors the database gives: an answer of Calendly must not
 * get lost. If the connection breaks during the commit, PostgreSQL is asked whether it was committed before everything is
 * repeated. Throws only for errors of our own code or statements.
 */
export async function commitUntilStored<T>(
  deps: TenantTransactionDeps & Pick<DispatchDeps, 'onStoreFailed'>,
  tenantId: string,
  work: (trx: Transaction<Database>) => Promise<T>,
): Promise<T> {
  let inDoubt = null as { xact: string; result: T; after: AfterCommit } | null;
  for (let wait = FIRST_WAIT_MS; ; wait = Math.min(wait * 2, MOST_WAIT_MS)) {
    try {
      if (inDoubt !== null) {
        const status = await statusOf(deps.db, inDoubt.xact);
        if (status === 'committed') {
          deps.onCommitted?.(inDoubt.after);
          return inDoubt.result;
        }
        if (status === 'aborted') inDoubt = null;
      }
      if (inDoubt === null) {
        return await inTenantTransaction(deps, tenantId, async (trx) => {
          const result = await work(trx);
          inDoubt = { xact: await currentOf(trx), result, after: afterCommit(trx) };
          return result;
        });
      }
    } catch (error) {
      if (!isDatabaseFailure(error) && !(error instanceof TenantBusyError)) throw error;
      deps.onStoreFailed?.(tenantId, error);
    }
    await sleep(wait);
  }
}

async function currentOf(trx: Transaction<Database>): Promise<string> {
  const { rows } = await sql<{ xact: string }>`select pg_current_xact_id()::text as xact`.execute(trx);
  return rows[0]!.xact;
}

/**
 * The status of this transaction. A server with smaller transaction ids is a standby that never got it. Null: too long ago for PostgreSQL
 * to know.
 */
async function statusOf(db: Kysely<Database>, xact: string): Promise<'in progress' | 'committed' | 'aborted' | null> {
  const { rows } = await sql<{ status: 'in progress' | 'committed' | 'aborted' | null }>`select case
    when ${xact}::xid8 < pg_current_xact_id() then pg_xact_status(${xact}::xid8) else 'aborted' end as status`.execute(
    db,
  );
  return rows[0]!.status;
}
