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
  /** Once nothing is owed at Calendly, the tenant is erased as well. */
  erase?: boolean;
}

/** Always succeeds locally. With Calendly up, nothing is owed any more when it answers. A tenant that is not known is disconnected. */
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

/** False once nothing is owed, or all that is owed had its try and waits for the next one. What a create under way brings is owed, too. */
async function isBeingSettled({ db }: CommandDeps, tenantId: string): Promise<boolean> {
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
