import { inTenantTransaction } from '../../connection/dispatch/in-tenant-transaction.ts';
import { sql } from 'kysely';
import { Type } from 'typebox';
import type { App } from '../../web/app-type.ts';
import type { Cause } from '../../connection/dispatch/cause.ts';
import { dispatch, TenantUnknownError } from '../../connection/dispatch/dispatch.ts';
import { viewConnection } from '../../connection/reads/view-connection.ts';
import { waitUntil } from '../../connection/commands/wait-until.ts';
import { assertMayAct, unknownConnection } from '../../connection/reads/connection-of.ts';
import type { HttpDeps } from '../http-deps.ts';
import { waitSeconds } from '../prefer.ts';
import { Connection, Debt, failures, TenantParams } from '../schemas.ts';

const Answer = Type.Object({ connection: Connection, debts: Type.Array(Debt) });

/** Always succeeds locally. With Calendly up, nothing is owed any more when it answers. */
export function disconnectRoute(app: App, deps: HttpDeps): void {
  app.delete(
    '/v1/tenants/:tenantId/connection',
    {
      schema: {
        summary: 'Disconnect: delete the webhook, revoke and wipe the tokens',
        params: TenantParams,
        response: { 200: Answer, ...failures },
      },
    },
    async (request) => {
      assertMayAct(deps);
      return disconnect(deps, request.params.tenantId, waitSeconds(request.headers.prefer));
    },
  );

  app.delete(
    '/v1/tenants/:tenantId',
    {
      schema: {
        summary: 'Disconnect and, once nothing is owed at Calendly, erase the tenant',
        params: TenantParams,
        response: { 200: Answer, ...failures },
      },
    },
    async (request) => {
      assertMayAct(deps);
      const { tenantId } = request.params;
      const answer = await disconnect(deps, tenantId, waitSeconds(request.headers.prefer), { erase: true });
      await deps.eraseSettled();
      return answer;
    },
  );
}

const BY_ROUTE: Cause = { kind: 'route', route: 'disconnect' };

export async function disconnect(
  deps: HttpDeps,
  tenantId: string,
  seconds: number,
  { erase = false, cause = BY_ROUTE } = {},
) {
  const { db } = deps;
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
    return { connection: unknownConnection(tenantId, deps.now()), debts: [] };
  }
  await waitUntil(deps.changes, tenantId, seconds, async () =>
    (await isBeingSettled(deps, tenantId)) ? undefined : true,
  );
  const connection = (await viewConnection(db, tenantId)) ?? unknownConnection(tenantId, deps.now());
  return { connection, debts: connection.debts };
}

/** False once nothing is owed, or all that is owed had its try and waits for the next one. What a create under way brings is owed, too. */
async function isBeingSettled({ db }: HttpDeps, tenantId: string): Promise<boolean> {
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
