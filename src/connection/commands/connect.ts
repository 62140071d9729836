import { randomUUID } from 'node:crypto';
import { needsConsent } from '../../../machines/connection/index.ts';
import { authorizationUrl } from '../../calendly/oauth.ts';
import { ATTEMPT_LIFE_MS, newAttempt, storeAttempt, type Completion } from '../../grants/consent-attempts.ts';
import type { Cause } from '../dispatch/cause.ts';
import { dispatch } from '../dispatch/dispatch.ts';
import { inTenantTransaction } from '../dispatch/in-tenant-transaction.ts';
import { readSnapshot } from '../reads/accepted-commands.ts';
import { assertMayAct } from './assert-may-act.ts';
import { chooseClient } from './choose-client.ts';
import type { CommandDeps } from './command-deps.ts';
import { isAnswered, waitUntil } from './wait-until.ts';

export interface ConnectRequest {
  tenantId: string;
  /** Name of the client; undefined: the tenant's own, or the default one. */
  client?: string | undefined;
  switchAccount: boolean;
  returnTo: string | null;
  completion: Completion;
  waitSeconds: number;
  cause: Cause;
}

/** `settled: false`: the connection was still under way when the time was over. */
export type Connected = { authorizeUrl: string } | { authorizeUrl: null; settled: boolean };

/** If Calendly refuses the stored grant, the same request asks for consent. That is the second and last round. */
const MOST_ROUNDS = 2;

/**
 * Connects a tenant: with the stored grant if it works, else by asking for consent.
 * Only the request that returns the consent URL makes an attempt, so there is no attempt whose page nobody can open.
 */
export async function connect(
  deps: CommandDeps,
  { tenantId, client: wanted, switchAccount, returnTo, completion, waitSeconds, cause }: ConnectRequest,
): Promise<Connected> {
  assertMayAct(deps);
  const { db, box, scopes, publicUrl } = deps;
  const redirectUri = `${publicUrl}/oauth/callback`;
  for (let round = 1; ; round++) {
    const now = deps.now();
    const attemptId = randomUUID();
    const expiresAt = new Date(now.getTime() + ATTEMPT_LIFE_MS);
    const command = {
      type: 'connect',
      switchAccount,
      attemptId,
      attemptExpiresAt: expiresAt.toISOString(),
      recentMs: deps.refreshRecentSeconds * 1000,
      // Nobody of the host comes with a ticket then, so the person is asked on the callback's own page.
      ...(completion === 'host' && returnTo === null && { asksAccount: true as const }),
    } as const;
    const { version, attempt, client } = await inTenantTransaction(deps, tenantId, async (trx) => {
      const chosen = await chooseClient(trx, deps, { tenantId, wanted, cause });
      const dispatched = await dispatch(trx, deps, tenantId, command, cause);
      // A state and a PKCE pair are made only if the machine asks for consent.
      const isMine = dispatched.after.context.attempt?.id === attemptId;
      const made = isMine ? await newAttempt(attemptId, expiresAt) : null;
      if (made !== null) {
        const request = { tenantId, client: chosen.name, redirectUri, returnTo, completion, now };
        await storeAttempt(trx, box, made, request);
      }
      return { version: dispatched.version, attempt: made, client: chosen };
    });
    if (attempt !== null) {
      const { state, codeChallenge } = attempt;
      return { authorizeUrl: authorizationUrl(client.oauth, { redirectUri, state, codeChallenge, scopes }) };
    }
    const settled = await waitUntil(deps.changes, tenantId, waitSeconds, () => isAnswered(db, tenantId, version));
    if (!settled) return { authorizeUrl: null, settled: false };
    const stored = await readSnapshot(db, tenantId);
    const isRefused = stored !== undefined && needsConsent(stored.snapshot.context);
    if (!isRefused || round === MOST_ROUNDS) return { authorizeUrl: null, settled: true };
  }
}
