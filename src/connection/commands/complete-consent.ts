import {
  consumeAttempt,
  findAttempt,
  offerConfirmation,
  readAttempt,
  type ConsentAttemptRow,
} from '../../grants/consent-attempts.ts';
import { dispatch } from '../dispatch/dispatch.ts';
import { inTenantTransaction } from '../dispatch/in-tenant-transaction.ts';
import { viewConnection, type ConnectionView } from '../reads/view-connection.ts';
import { assertMayAct } from './assert-may-act.ts';
import type { CommandDeps } from './command-deps.ts';
import { isSettled, waitUntil } from './wait-until.ts';

export type ConsentAnswer = { state: string } & ({ code: string } | { error: string });

export type ConsentEnding = 'connected' | 'pending' | 'denied' | 'failed' | 'account_mismatch';
export interface ConsentOutcome {
  ending: ConsentEnding;
  reason: string | null;
  /** Where the browser goes now; null: nowhere, it gets a page. */
  returnTo: string | null;
  /** A secret for the page that asks which account it shall be; only where there is no `returnTo`. */
  confirmation: string | null;
  connection: ConnectionView;
}

class NotExpected extends Error {}

/**
 * Takes the browser's answer from Calendly's consent page: consumes the one-time attempt, tells the machine and waits for what
 * comes of it. `undefined`: the state is forged, used, expired or replaced, and nothing has changed.
 */
export async function completeConsent(
  deps: CommandDeps,
  answer: ConsentAnswer,
  waitSeconds: number,
): Promise<ConsentOutcome | undefined> {
  assertMayAct(deps);
  const received = await receive(deps, answer);
  if (received === undefined) return undefined;
  const { attempt, version } = received;
  const { id, tenant_id: tenantId, return_to: returnTo } = attempt;
  await waitUntil(deps.changes, tenantId, waitSeconds, () => isSettled(deps.db, tenantId, version));
  const connection = await viewConnection(deps.db, tenantId);
  if (connection === undefined) return undefined;
  const { ending, reason } = endingOf(await readAttempt(deps.db, id), connection);
  const asks = ending === 'account_mismatch' && returnTo === null;
  const confirmation = asks ? await deps.db.transaction().execute((trx) => offerConfirmation(trx, id)) : null;
  return { ending, reason, returnTo, confirmation, connection };
}

async function receive(
  deps: CommandDeps,
  answer: ConsentAnswer,
): Promise<{ attempt: ConsentAttemptRow; version: number } | undefined> {
  const { db, box, now } = deps;
  // The tenant is looked up first without a lock: the connection's row is always locked before the attempt's.
  const tenantId = await db
    .transaction()
    .execute(async (trx) => (await findAttempt(trx, answer.state, now()))?.tenant_id);
  if (tenantId === undefined) return undefined;
  try {
    return await inTenantTransaction(deps, tenantId, async (trx) => {
      let attempt: ConsentAttemptRow | undefined;
      const { accepted, version } = await dispatch(
        trx,
        deps,
        tenantId,
        async () => {
          attempt = await findAttempt(trx, answer.state, now());
          if (attempt === undefined) throw new NotExpected();
          await consumeAttempt(trx, box, attempt, { code: 'code' in answer ? answer.code : null, now: now() });
          if ('code' in answer) return { type: 'consent.granted', attemptId: attempt.id };
          return { type: 'consent.denied', attemptId: attempt.id, problem: problemOf(answer.error) };
        },
        { kind: 'route', route: 'oauth/callback' },
      );
      if (!accepted || attempt === undefined) throw new NotExpected();
      return { attempt, version };
    });
  } catch (error) {
    if (error instanceof NotExpected) return undefined;
    throw error;
  }
}

function problemOf(error: string): { code: string; message: string; exchangeId: null } {
  return error === 'access_denied'
    ? { code: 'consent_denied', message: 'The person did not allow the connection.', exchangeId: null }
    : { code: 'consent_failed', message: 'Calendly ended the consent with an error.', exchangeId: null };
}

/** What became of the attempt itself: a consent that failed leaves the connection what it was before, problem and all. */
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
