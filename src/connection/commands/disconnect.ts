import { sql } from 'kysely';
import type { Cause } from '../dispatch/cause.ts';
import { dispatch, TenantUnknownError } from '../dispatch/dispatch.ts';
import { inTenantTransaction } from '../dispatch/in-tenant-transaction.ts';
import { unknownConnection } from '../reads/connection-of.ts';
import { viewConnection, type ConnectionView } from '../reads/view-connection.ts';
import { assertMayAct } from './assert-may-act.ts';
import type { CommandDeps } from './command-deps.ts';
import { waitUntil } from './wait-until.ts';

export interface DisconnectRequest {
  tenantId: string;
  waitSeconds: number;
  cause: Cause;
  /** The tenant is erased as well, once nothing is owed at Calendly. */
  erase?: boolean;
}

/** Always succeeds locally. If Calendly is up, all debts are settled when it answers. An unknown tenant counts as disconnected. */
export async function disconnect(
  deps: CommandDeps,
  { tenantId, waitSeconds, cause, erase = false }: DisconnectRequest,
): Promise<ConnectionView> {
  assertMayAct(deps);
  try {
    await inTenantTransaction(deps, tenantId, async (trx) => {
      await dispatch(trx, deps, tenantId, { type: 'disconnect' }, cause);
      if (erase)
        await trx
          .updateTable('connection')
          .set({ erase_requested_at: deps.now() })
          .where('tenant_id', '=', tenantId)
          .execute();
    });
  } catch (error) {
    if (!(error instanceof TenantUnknownError)) throw error;
    return unknownConnection(tenantId, deps.now());
  }
  await waitUntil(deps.changes, tenantId, waitSeconds, async () =>
    (await isBeingSettled(deps, tenantId)) ? undefined : true,
  );
  const connection = await viewConnection(deps.db, tenantId);
  if (erase) await deps.eraseSettled();
  return connection ?? unknownConnection(tenantId, deps.now());
}

/** False if there is no debt, or if every debt has been tried and waits for its next try. A create that is under way counts as a debt. */
export async function isBeingSettled({ db }: CommandDeps, tenantId: string): Promise<boolean> {
  const underWay = db
    .selectFrom('effect')
    .where('tenant_id', '=', tenantId)
    .where('answered_at', 'is', null)
    .where('type', '=', 'createSubscription')
    .where(sql<boolean>`params->>'subscriptionId' = debt.subscription_id::text`);
  const open = await db
    .selectFrom('debt')
    .select('id')
    .where('tenant_id', '=', tenantId)
    .where('settled_at', 'is', null)
    .where(({ eb, or, exists }) => or([eb('status', '=', 'trying'), exists(underWay)]))
    .executeTakeFirst();
  return open !== undefined;
}
