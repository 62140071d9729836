import type { Kysely } from 'kysely';
import { isDatabaseFailure } from '../../db/database-failure.ts';
import type { Database } from '../../db/database.ts';
import { shareCommit } from '../../db/share-commit.ts';
import { ProblemError } from '../../errors.ts';
import { readCurrentToken, readCurrentTokens, type CurrentToken } from '../../grants/read-current-token.ts';
import type { Cause } from '../dispatch/cause.ts';
import { dispatch } from '../dispatch/dispatch.ts';
import { inTenantTransaction } from '../dispatch/in-tenant-transaction.ts';
import { lockConnection } from '../dispatch/lock-connection.ts';
import { statePath, type ConnectionSnapshot } from '../dispatch/snapshot.ts';
import { readSnapshot } from '../reads/accepted-commands.ts';
import { assertMayAct } from './assert-may-act.ts';
import type { CommandDeps } from './command-deps.ts';
import { shareByKey } from './share-by-key.ts';
import { waitUntil } from './wait-until.ts';

export interface AccessToken {
  accessToken: string;
  expiresAt: string;
}
/** Throws `tenant_unknown`, `no_usable_grant`, or `token_unavailable` if it does not come in time. */
export type GiveAccessToken = (tenantId: string, waitSeconds: number, cause: Cause) => Promise<AccessToken>;

/** There are never more callers than connections. */
const LIMITS = { mostItems: 200, mostWeight: 200, mostWaiting: 10_000, mostWaitingWeight: 10_000 };

/**
 * An access token that is good for at least a minute: the stored one, or else refreshed once for any number of concurrent
 * callers. Hundreds may wait for one refresh: they ask the machine as one. Whoever looks at the database while another look is under way shares
 * the next one, whatever the tenant; it begins after the call, so it sees everything that happened before it.
 */
export function giveAccessTokens(deps: CommandDeps): GiveAccessToken {
  const reading = shareCommit<string, CurrentToken>((tenantIds) => readCurrentTokens(deps.db, deps, tenantIds), {
    ...LIMITS,
    weigh: () => 1,
    failsForAll: isDatabaseFailure,
  });
  const look = async (tenantId: string) => toAnswer(deps.db, tenantId, await reading.add(tenantId));
  const progress = shareByKey((tenantId) => readSnapshot(deps.db, tenantId));
  const ask = shareByKey((tenantId, cause: Cause) => askForRefresh(deps, tenantId, cause));

  return async (tenantId, waitSeconds, cause) => {
    assertMayAct(deps);
    const ready = await look(tenantId);
    if (ready) return ready;

    const version = await ask(tenantId, cause);
    const token = await waitUntil(deps.changes, tenantId, waitSeconds, async () => {
      // This order matters: if a refresh has ended by the first look, the second look finds its token.
      const now = await progress(tenantId);
      const isComing = now !== undefined && (now.version < version || isUnderWay(now.snapshot));
      return (await look(tenantId)) ?? (isComing ? undefined : null);
    });
    if (!token) throw tokenUnavailable(2);
    return token;
  };
}

/** The stored token if it is good; undefined if it has to be refreshed; throws if there is nothing to refresh, or it is too early. */
async function toAnswer(db: Kysely<Database>, tenantId: string, token: CurrentToken): Promise<AccessToken | undefined> {
  switch (token.kind) {
    case 'good':
      return { accessToken: token.accessToken, expiresAt: token.expiresAt.toISOString() };
    case 'due':
      return undefined;
    case 'tooEarly':
      throw tokenUnavailable(token.seconds);
    case 'none':
      throw new ProblemError((await isKnown(db, tenantId)) ? 'no_usable_grant' : 'tenant_unknown');
  }
}

async function isKnown(db: Kysely<Database>, tenantId: string): Promise<boolean> {
  const row = await db
    .selectFrom('connection')
    .select('tenant_id')
    .where('tenant_id', '=', tenantId)
    .executeTakeFirst();
  return row !== undefined;
}

const tokenUnavailable = (seconds: number): ProblemError =>
  new ProblemError('token_unavailable', undefined, { headers: { 'retry-after': String(seconds) } });

/** One refresh serves everybody who asks: the machine is told only when none is under way. */
async function askForRefresh(deps: CommandDeps, tenantId: string, cause: Cause): Promise<number> {
  const now = await readSnapshot(deps.db, tenantId);
  if (now !== undefined && isUnderWay(now.snapshot)) return now.version;
  return inTenantTransaction(deps, tenantId, async (trx) => {
    await lockConnection(trx, tenantId);
    // Look again under the lock. A refresh that began or ended meanwhile serves this request, too, and a second one must not begin.
    const locked = await readSnapshot(trx, tenantId);
    if (
      locked !== undefined &&
      (isUnderWay(locked.snapshot) || (await toAnswer(trx, tenantId, await readCurrentToken(trx, deps, tenantId))))
    )
      return locked.version;
    return (await dispatch(trx, deps, tenantId, { type: 'token.needed' }, cause)).version;
  });
}

const isUnderWay = (snapshot: ConnectionSnapshot): boolean =>
  snapshot.context.upkeep || statePath(snapshot.value) === 'refreshing.refreshingToken';
