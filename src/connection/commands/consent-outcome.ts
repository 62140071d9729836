import { readAttempt, type ConsentAttemptRow } from '../../grants/consent-attempts.ts';
import { viewConnection, type ConnectionView } from '../reads/view-connection.ts';
import type { CommandDeps } from './command-deps.ts';
import { isAnswered, waitUntil } from './wait-until.ts';

/** `confirm`: nothing is decided, the host's own session has to hand in the ticket. */
export const CONSENT_ENDINGS = ['connected', 'pending', 'denied', 'failed', 'account_mismatch', 'confirm'] as const;
export type ConsentEnding = (typeof CONSENT_ENDINGS)[number];

export interface ConsentResult {
  ending: ConsentEnding;
  reason: string | null;
  connection: ConnectionView;
}

/** Waits for the outcome of a consent that the machine knows of. Returns undefined if the tenant was erased meanwhile. */
export async function consentOutcome(
  deps: CommandDeps,
  { tenantId, attemptId, version }: { tenantId: string; attemptId: string; version: number },
  waitSeconds: number,
): Promise<ConsentResult | undefined> {
  await waitUntil(deps.changes, tenantId, waitSeconds, () => isAnswered(deps.db, tenantId, version));
  const connection = await viewConnection(deps.db, tenantId);
  if (connection === undefined) return undefined;
  return { ...endingOf(await readAttempt(deps.db, attemptId), connection), connection };
}

/** The outcome of the attempt itself. After a consent that failed, the connection is what it was before, with its former problem. */
function endingOf(
  attempt: ConsentAttemptRow | undefined,
  { state, substate, lastError }: ConnectionView,
): { ending: ConsentEnding; reason: string | null } {
  if (attempt?.outcome === 'denied' || attempt?.outcome === 'failed')
    return { ending: attempt.outcome, reason: attempt.reason };
  if (substate === 'confirmingAccount') return { ending: 'account_mismatch', reason: 'account_mismatch' };
  if (attempt?.outcome !== 'accepted') return { ending: 'pending', reason: null };
  if (state === 'connected') return { ending: 'connected', reason: null };
  if (state === 'syncingWebhooks' || state === 'refreshing') return { ending: 'pending', reason: null };
  if (state === 'error' && substate === 'retrying') return { ending: 'pending', reason: lastError?.code ?? null };
  return { ending: 'failed', reason: lastError?.code ?? state };
}
