import { actionSetup as s, startTimer } from './action-setup.ts';
import * as backfill from './backfill.ts';
import type { Account, ConnectionContext, Debt, Grant, Origin } from './context.ts';
import { keepDebts } from './debts.ts';
import { oweGrant, oweSubscription, takeOverDebts, tryHeld } from './debt-list.ts';
import type { Args } from './events.ts';
import { grantIdOf, needsConsent, refreshed, startRefreshTimer } from './grant.ts';
import { freshPass } from './step.ts';

/** An attempt to get a person's consent, or to import tokens. Its tokens are the candidate, until the account is accepted. */

export const attemptGuards = {
  wantsConsent: ({ context, event }: Args) =>
    (event.type === 'connect' && event.switchAccount) || needsConsent(context),
  wantsSwitch: ({ event }: Args) => event.type === 'connect' && event.switchAccount,
  isThisAttempt: ({ context, event }: Args) => 'attemptId' in event && event.attemptId === context.attempt?.id,
  isCandidate: ({ context, event }: Args) => context.candidate !== null && grantIdOf(event) === context.candidate.id,
  /** True if the candidate's account needs no confirmation. An account in another organization is still the same account. */
  isExpectedAccount: ({ context, event }: Args) =>
    event.type === 'account.identified' &&
    context.attempt?.asksAccount !== true &&
    (!context.grant?.accountUri ||
      context.attempt?.switchAccount === true ||
      context.grant.accountUri === event.account.uri),
  isPendingAccount: ({ context, event }: Args) =>
    'accountUri' in event && context.pendingAccount !== null && event.accountUri === context.pendingAccount.uri,
  cameFrom: ({ context }: Args, { origins }: { origins: readonly Origin[] }) => origins.includes(context.origin),
};

export const startConsentTimer = startTimer(
  'deadline',
  ({ generation }) => ({ type: 'consent.expired', generation }),
  'untilAttemptExpires',
);
export const startConfirmationTimer = startTimer(
  'deadline',
  ({ generation }) => ({ type: 'confirmation.expired', generation }),
  'untilDeclined',
);

function startAttempt({ event }: Args, origin: Origin): Partial<ConnectionContext> {
  if (event.type !== 'connect') return {};
  const { attemptId: id, switchAccount, attemptExpiresAt: expiresAt, asksAccount } = event;
  return { attempt: { id, switchAccount, expiresAt, ...(asksAccount && { asksAccount }) }, origin };
}
export const startAttemptFrom = (origin: Origin) => s.assign((args) => startAttempt(args, origin));
export const noAttempt = { attempt: null, importing: null, candidate: null, pendingAccount: null };

/** Where the connection goes back to when consent comes to nothing. */
export const comeBackTo = (origin: Origin) => s.assign({ origin });
export const comeBackWithoutGrant = s.assign({ origin: 'needsReauthorization' });
export const comeBackWithGrant = s.assign({
  origin: ({ context }) => (context.origin === 'needsReauthorization' ? 'reconnecting' : context.origin),
});

export const takeCandidate = s.assign(({ event }) => {
  if (event.type !== 'token.issued') return {};
  const { grantId: id, accountUri, organizationUri, scope, expiresAt } = event;
  return { candidate: { id, accountUri, organizationUri, scope, expiresAt, refreshedAt: event.at, lost: false } };
});
export const takeCandidateToken = s.assign({
  candidate: ({ context, event }) => refreshed(context.candidate, event),
});
export const awaitConfirmation = s.assign({
  pendingAccount: ({ event }) => (event.type === 'account.identified' ? event.account : null),
});

/** The account that consent was given for. The answer names it, or a person has confirmed it. */
function acceptedAccount({ context, event }: Args): Account | null {
  return event.type === 'account.identified' ? event.account : context.pendingAccount;
}

/** The candidate becomes the current grant. */
function accepted(args: Args): Partial<ConnectionContext> {
  const { context } = args;
  const account = acceptedAccount(args);
  if (context.candidate === null || account === null) return {};
  const grant: Grant = { ...context.candidate, accountUri: account.uri, organizationUri: account.organization };
  const same = context.grant?.accountUri === grant.accountUri;
  return {
    ...noAttempt,
    ...freshPass,
    grant,
    origin: 'reconnecting',
    subscription: same ? context.subscription : null,
    delivery: same ? context.delivery : null,
    backfill: same || context.grant === null ? context.backfill : backfill.forget(context),
    upkeep: false,
    refreshFailures: 0,
    problem: null,
    missingScopes: [],
  };
}

function debtsOfAcceptance(args: Args): Debt[] {
  const { context } = args;
  const account = acceptedAccount(args);
  if (context.candidate === null || account === null) return context.debts;
  const former = context.grant;
  let debts = context.debts;
  if (former !== null) {
    const creditor = { grantId: former.id, accountUri: former.accountUri };
    if (former.accountUri !== account.uri && context.subscription !== null) {
      debts = oweSubscription(debts, context.subscription, creditor);
    }
    if (former.accountUri !== account.uri) debts = tryHeld(debts);
    debts = oweGrant(debts, creditor);
  }
  const current = { grantId: context.candidate.id, accountUri: account.uri };
  // Webhooks of a former system are deleted only when ours stands, so that no delivery is missed.
  const imported = context.importing?.webhooks ?? [];
  return imported.reduce((list, id) => oweSubscription(list, id, current, 'held'), takeOverDebts(debts, current));
}

/** A back-fill of the former account is of no use to another account. */
const stopBackfillOfFormerAccount = s.enqueueActions(({ context, event, enqueue }) => {
  if (accepted({ context, event }).backfill?.state === 'none') enqueue.cancel('backfill');
});

/** The debts come first, because they read the former grant. */
export const accept = [
  keepDebts(debtsOfAcceptance),
  stopBackfillOfFormerAccount,
  s.assign((args) => accepted(args)),
  startRefreshTimer,
];

/** Tokens of a consent that came to nothing are given back. */
export function debtsOfAbandonment({ context }: Args): Debt[] {
  return context.candidate === null
    ? context.debts
    : oweGrant(context.debts, { grantId: context.candidate.id, accountUri: context.candidate.accountUri });
}
export const abandon = [keepDebts(debtsOfAbandonment), s.assign(noAttempt)];
/** The former attempt is abandoned for the one that the event asks for. */
export const replace = [...abandon, s.assign((args) => startAttempt(args, args.context.origin))];
