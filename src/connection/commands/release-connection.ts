import type { Transaction } from 'kysely';
import type { Database } from '../../db/database.ts';
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
  /** Written with the release: it is noted, or nothing has happened. After it the tokens exist in the answer alone. */
  note: (trx: Transaction<Database>) => Promise<void>;
}

export interface Released {
  connection: ConnectionView;
  tokens: HandedOver;
}

/**
 * Hands out a tenant's tokens, once, and disconnects the tenant without revoking them. The access token is refreshed before if needed;
 * after that no refresh begins. Throws `no_usable_grant`, or `token_unavailable` if Calendly does not refresh; nothing has changed then.
 */
export async function releaseConnection(
  deps: CommandDeps,
  giveAccessToken: GiveAccessToken,
  { tenantId, waitSeconds, cause, note }: ReleaseRequest,
): Promise<Released> {
  assertMayAct(deps);
  await giveAccessToken(tenantId, waitSeconds, cause);
  const released = await inTenantTransaction(deps, tenantId, async (trx) => {
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
    const tokens = handed as HandedOver | null;
    if (tokens === null) return null;
    await note(trx);
    return { tokens, connection: (await viewConnection(trx, tenantId)) ?? unknownConnection(tenantId, deps.now()) };
  });
  if (released === null) throw new ProblemError('token_unavailable', undefined, { headers: { 'retry-after': '1' } });
  return { ...released, connection: (await viewSettled(deps, tenantId, waitSeconds)) ?? released.connection };
}

/** As it is once the webhook is deleted. undefined if that cannot be read: the tokens have to leave all the same. */
async function viewSettled(
  deps: CommandDeps,
  tenantId: string,
  waitSeconds: number,
): Promise<ConnectionView | undefined> {
  try {
    await waitUntil(deps.changes, tenantId, waitSeconds, async () =>
      (await isBeingSettled(deps, tenantId)) ? undefined : true,
    );
    return await viewConnection(deps.db, tenantId);
  } catch {
    return undefined;
  }
}
