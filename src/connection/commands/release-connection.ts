import { ProblemError } from '../../errors.ts';
import { handOver, type HandedOver } from '../../grants/hand-over.ts';
import type { Cause } from '../dispatch/cause.ts';
import { dispatch } from '../dispatch/dispatch.ts';
import { inTenantTransaction } from '../dispatch/in-tenant-transaction.ts';
import { readSnapshot } from '../reads/accepted-commands.ts';
import { unknownConnection } from '../reads/connection-of.ts';
import { viewConnection, type ConnectionView } from '../reads/view-connection.ts';
import { assertMayAct } from './assert-may-act.ts';
import type { CommandDeps } from './command-deps.ts';
import { isBeingSettled } from './disconnect.ts';
import type { GiveAccessToken } from './give-access-tokens.ts';
import { waitUntil } from './wait-until.ts';

export interface ReleaseRequest {
  tenantId: string;
  waitSeconds: number;
  cause: Cause;
}

export interface Released {
  connection: ConnectionView;
  tokens: HandedOver;
}

/**
 * Hands a tenant's tokens out, once, and disconnects it without revoking them. The access token is made good first; no refresh is begun
 * after. Throws `no_usable_grant`, or `token_unavailable` with nothing changed while Calendly does not refresh.
 */
export async function releaseConnection(
  deps: CommandDeps,
  giveAccessToken: GiveAccessToken,
  { tenantId, waitSeconds, cause }: ReleaseRequest,
): Promise<Released> {
  assertMayAct(deps);
  await giveAccessToken(tenantId, waitSeconds);
  const tokens = await inTenantTransaction(deps, tenantId, async (trx) => {
    let handed: HandedOver | null = null;
    await dispatch(
      trx,
      deps,
      tenantId,
      async (inner) => {
        const grant = (await readSnapshot(inner, tenantId))?.snapshot.context.grant;
        if (!grant || grant.lost) throw new ProblemError('no_usable_grant');
        handed = await handOver(inner, deps.box, grant.id, deps.now());
        return handed === null ? null : { type: 'release' };
      },
      cause,
    );
    return handed as HandedOver | null;
  });
  if (tokens === null) throw new ProblemError('token_unavailable', undefined, { headers: { 'retry-after': '1' } });
  await waitUntil(deps.changes, tenantId, waitSeconds, async () =>
    (await isBeingSettled(deps, tenantId)) ? undefined : true,
  );
  return { connection: (await viewConnection(deps.db, tenantId)) ?? unknownConnection(tenantId, deps.now()), tokens };
}
