import {
  consumeAttempt,
  findAttempt,
  findByConfirmation,
  offerConfirmation,
  type ConsentAttemptRow,
} from '../../grants/consent-attempts.ts';
import { dispatch } from '../dispatch/dispatch.ts';
import { inTenantTransaction } from '../dispatch/in-tenant-transaction.ts';
import { readSnapshot } from '../reads/accepted-commands.ts';
import { viewConnection } from '../reads/view-connection.ts';
import { assertMayAct } from './assert-may-act.ts';
import type { CommandDeps } from './command-deps.ts';
import { consentOutcome, type ConsentResult } from './consent-outcome.ts';
import { holdConsent } from './hold-consent.ts';

export type ConsentAnswer = { state: string } & ({ code: string } | { error: string });

export interface ConsentOutcome extends ConsentResult {
  /** Where the browser goes now; null: nowhere, it gets a page. */
  returnTo: string | null;
  /** The ticket of a consent that the host completes. It goes to `returnTo`, and stands for the code. */
  ticket: string | null;
  /** A secret for the page that asks about the account, or that waits for Calendly; only where there is no `returnTo`. */
  confirmation: string | null;
}

class NotExpected extends Error {}

/**
 * Takes the browser's answer from Calendly's consent page and uses up the attempt. Then it tells the machine and waits for the outcome, or
 * it keeps the code for the host, which completes the consent with the ticket. Returns undefined if the state is forged, used, expired or
 * replaced; nothing has changed then.
 */
export async function completeConsent(
  deps: CommandDeps,
  answer: ConsentAnswer,
  waitSeconds: number,
): Promise<ConsentOutcome | undefined> {
  assertMayAct(deps);
  const pending = await deps.db.transaction().execute((trx) => findAttempt(trx, answer.state, deps.now()));
  if (pending === undefined) return undefined;
  const { id: attemptId, tenant_id: tenantId, return_to: returnTo, completion } = pending;
  if (completion === 'host' && returnTo !== null && 'code' in answer) {
    const ticket = await holdConsent(deps, tenantId, answer);
    const connection = await viewConnection(deps.db, tenantId);
    if (ticket === undefined || connection === undefined) return undefined;
    return { ending: 'confirm', reason: null, returnTo, ticket, confirmation: null, connection };
  }
  const version = await receive(deps, tenantId, answer);
  if (version === undefined) return undefined;
  const outcome = await consentOutcome(deps, { tenantId, attemptId, version }, waitSeconds);
  if (outcome === undefined) return undefined;
  const asks = returnTo === null && (outcome.ending === 'account_mismatch' || outcome.ending === 'pending');
  const confirmation = asks ? await deps.db.transaction().execute((trx) => offerConfirmation(trx, attemptId)) : null;
  return { ...outcome, returnTo, ticket: null, confirmation };
}

/**
 * For the page of a consent that Calendly keeps waiting: what has become of it by now. `undefined`: its secret is forged, or the question
 * was answered.
 */
export async function lookAgain(
  deps: CommandDeps,
  confirmation: string,
  waitSeconds: number,
): Promise<ConsentOutcome | undefined> {
  const attempt = await deps.db.transaction().execute((trx) => findByConfirmation(trx, confirmation));
  const stored = attempt && (await readSnapshot(deps.db, attempt.tenant_id));
  if (attempt === undefined || stored === undefined) return undefined;
  const { id: attemptId, tenant_id: tenantId } = attempt;
  const outcome = await consentOutcome(deps, { tenantId, attemptId, version: stored.version }, waitSeconds);
  return outcome && { ...outcome, returnTo: null, ticket: null, confirmation };
}

/** The tenant was looked up without a lock: the connection's row is always locked before the attempt's. */
async function receive(deps: CommandDeps, tenantId: string, answer: ConsentAnswer): Promise<number | undefined> {
  const { box, now } = deps;
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
      return version;
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
