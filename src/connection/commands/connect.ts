import { inTenantTransaction } from '../dispatch/in-tenant-transaction.ts';
import { authorizationUrl, type OAuthClient } from '../../calendly/oauth.ts';
import { newAttempt, storeAttempt } from '../../grants/consent-attempts.ts';
import type { Kysely } from 'kysely';
import type { Database } from '../../db/database.ts';
import type { Cause } from '../dispatch/cause.ts';
import type { Changes } from '../reads/listen-for-changes.ts';
import { preview, readSnapshot } from '../reads/accepted-commands.ts';
import { dispatch, ensureConnection } from '../dispatch/dispatch.ts';
import type { DispatchDeps } from '../dispatch/dispatch-deps.ts';
import { stateOf } from '../dispatch/snapshot.ts';
import { isSettled, waitUntil } from './wait-until.ts';

export type ConnectDeps = DispatchDeps & {
  db: Kysely<Database>;
  changes: Changes;
  oauth: OAuthClient;
  scopes: readonly string[];
  refreshRecentSeconds: number;
};

export interface ConnectRequest {
  tenantId: string;
  switchAccount: boolean;
  returnTo: string | null;
  waitSeconds: number;
  cause: Cause;
}

/** `settled: false`: still under way when the wait was over. */
export type Connected = { authorizeUrl: string } | { authorizeUrl: null; settled: boolean };

/** The stored grant may turn out to be refused: then the same request asks for consent, and there is no third way. */
const MOST_ROUNDS = 2;

/**
 * Connects a tenant: with the stored grant if there is one that works, else by asking for consent.
 * Only a request that holds the URL makes an attempt, so nobody waits for a consent page that nobody can open.
 */
export async function connect(
  deps: ConnectDeps,
  { tenantId, switchAccount, returnTo, waitSeconds, cause }: ConnectRequest,
): Promise<Connected> {
  const { db, box, oauth, scopes, publicUrl } = deps;
  const redirectUri = `${publicUrl}/oauth/callback`;
  for (let round = 1; ; round++) {
    const attempt = await newAttempt(deps.now());
    const command = {
      type: 'connect',
      switchAccount,
      attemptId: attempt.id,
      attemptExpiresAt: attempt.expiresAt.toISOString(),
      recentMs: deps.refreshRecentSeconds * 1000,
    } as const;
    const { version, asksForConsent } = await inTenantTransaction(deps, tenantId, async (trx) => {
      await ensureConnection(trx, deps, tenantId, cause);
      const dispatched = await dispatch(trx, deps, tenantId, command, cause);
      const mine = dispatched.after.context.attempt?.id === attempt.id;
      if (mine) await storeAttempt(trx, box, attempt, { tenantId, redirectUri, returnTo, now: deps.now() });
      return { version: dispatched.version, asksForConsent: mine };
    });
    if (asksForConsent) {
      const { state, codeChallenge } = attempt;
      return { authorizeUrl: authorizationUrl(oauth, { redirectUri, state, codeChallenge, scopes }) };
    }
    const settled = await waitUntil(deps.changes, tenantId, waitSeconds, () => isSettled(db, tenantId, version));
    if (!settled) return { authorizeUrl: null, settled: false };
    const now = await readSnapshot(db, tenantId);
    const refused =
      now !== undefined &&
      stateOf(now.snapshot.value).state !== 'connected' &&
      preview(now.snapshot, command, deps.now()).context.attempt?.id === attempt.id;
    if (!refused || round === MOST_ROUNDS) return { authorizeUrl: null, settled: true };
  }
}
