import type { Account, ConnectionContext, Debt, Grant, Origin, Problem, SubscriptionDraft } from './context.ts';
import type { ConnectionEvent } from './events.ts';
import {
  grantDebtId,
  oweGrant,
  oweSubscription,
  releaseDraft,
  settleDebt,
  subscriptionDebtId,
  takeOverDebts,
  tryDebts,
} from './debts.ts';
import { forgetBackfill } from './forget-backfill.ts';
import { planSync } from './plan-sync.ts';

export interface Args {
  context: ConnectionContext;
  event: ConnectionEvent;
}

type Change = Partial<ConnectionContext>;

/** What an event changes in the context. Debts change through `actions.ts`, which also sends their effects and timers. */

export function problemOf(event: ConnectionEvent): Problem | null {
  if ('problem' in event) return { ...event.problem, at: event.at };
  if ('failure' in event) {
    const { code, message, exchangeId } = event.failure;
    return { code, message, exchangeId, at: event.at };
  }
  if (event.type === 'deadline.passed') {
    return { code: 'deadline_passed', message: 'No answer came in time.', exchangeId: null, at: event.at };
  }
  if (event.type === 'consent.expired') {
    return {
      code: 'consent_expired',
      message: 'Nobody answered the consent page in time.',
      exchangeId: null,
      at: event.at,
    };
  }
  if (event.type === 'account.declined' || event.type === 'confirmation.expired') {
    return {
      code: 'account_declined',
      message: 'The other Calendly account was not accepted.',
      exchangeId: null,
      at: event.at,
    };
  }
  return null;
}

export function startAttempt({ event }: Args, origin: Origin): Change {
  if (event.type !== 'connect') return {};
  const { attemptId: id, switchAccount, attemptExpiresAt: expiresAt } = event;
  return { attempt: { id, switchAccount, expiresAt }, origin };
}

export const endAttempt: Change = { attempt: null, candidate: null, pendingAccount: null };

export function takeCandidate({ event }: Args): Change {
  if (event.type !== 'token.issued') return {};
  const { grantId: id, accountUri, organizationUri, scope, expiresAt } = event;
  return { candidate: { id, accountUri, organizationUri, scope, expiresAt, refreshedAt: event.at, lost: false } };
}

/** New tokens for `grant`, whoever asked for them. */
export function refreshed(grant: Grant | null, event: ConnectionEvent): Grant | null {
  if (grant === null || (event.type !== 'token.refreshed' && event.type !== 'grant.recovered')) return grant;
  const { scope, expiresAt, refreshedAt } = event;
  return { ...grant, scope, expiresAt, refreshedAt, lost: false };
}

export function pendingAccount({ event }: Args): Account | null {
  return event.type === 'account.identified' ? event.account : null;
}

/** The account that consent was given for: named by the answer, or by the person who confirmed it. */
function acceptedAccount({ context, event }: Args): Account | null {
  return event.type === 'account.identified' ? event.account : context.pendingAccount;
}

/** Acceptance is one step: the new grant is current, and all that the former one leaves behind is owed. */
export function acceptCandidate(args: Args): Change {
  const { context } = args;
  const account = acceptedAccount(args);
  if (context.candidate === null || account === null) return {};
  const grant: Grant = { ...context.candidate, accountUri: account.uri, organizationUri: account.organization };
  const same = context.grant?.accountUri === grant.accountUri;
  return {
    ...endAttempt,
    ...freshPass,
    grant,
    origin: 'reconnecting',
    subscription: same ? context.subscription : null,
    delivery: same ? context.delivery : null,
    backfill: same || context.grant === null ? context.backfill : forgetBackfill(context),
    upkeep: false,
    refreshFailures: 0,
    problem: null,
    missingScopes: [],
  };
}

/** The debts of an acceptance; see `acceptCandidate`, which is applied after this. */
export function debtsOfAcceptance(args: Args): Debt[] {
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
    debts = oweGrant(debts, creditor);
  }
  return takeOverDebts(debts, { grantId: context.candidate.id, accountUri: account.uri });
}

/** Tokens of a consent that came to nothing are given back. */
export function debtsOfAbandonment({ context }: Args): Debt[] {
  return context.candidate === null
    ? context.debts
    : oweGrant(context.debts, { grantId: context.candidate.id, accountUri: context.candidate.accountUri });
}

export function debtsOfDisconnect(args: Args): Debt[] {
  const { context } = args;
  let debts = debtsOfAbandonment(args);
  if (context.grant === null) return debts;
  const creditor = { grantId: context.grant.id, accountUri: context.grant.accountUri };
  if (context.subscription !== null) debts = oweSubscription(debts, context.subscription, creditor);
  return oweGrant(debts, creditor);
}

/** What a new sync, or a new try of one, forgets of the former one. */
export const freshPass: Change = { routine: false, renewed: false, creates: 0, draft: null, surplus: [], clearing: [] };

/** Organization and account as Calendly names them now: a moved organization is noticed here. */
export function identifiedGrant({ context, event }: Args): Grant | null {
  if (context.grant === null || event.type !== 'account.identified') return context.grant;
  return {
    ...context.grant,
    accountUri: event.account.uri,
    organizationUri: event.account.organization ?? context.grant.organizationUri,
  };
}

/** For certain: Calendly refused the create, or answered it with 409 and a complete listing lacks it. */
export function isNothingCreated(draft: SubscriptionDraft, event: ConnectionEvent): boolean {
  if (draft.conflicted)
    return event.type === 'subscriptions.listed' && !event.found.some((item) => item.subscriptionId === draft.id);
  return event.type === 'permission.refused' || ('failure' in event && event.failure.certain);
}

/** A new subscription: its id is the id of the event that asked for it. */
export function draftSubscription({ context, event }: Args): Change {
  const wanted =
    event.type === 'subscriptions.listed'
      ? event.wanted
      : event.type === 'permission.refused'
        ? event.fallback
        : context.draft;
  if (!wanted) return {};
  const { scope, events } = wanted;
  const plan = event.type === 'subscriptions.listed' ? planSync(context, event.found) : null;
  return {
    surplus: plan?.step === 'create' ? plan.surplus : event.type === 'permission.refused' ? context.surplus : [],
    draft: { id: event.id, scope, events, conflicted: false },
    creates: context.creates + 1,
    clearing: [],
  };
}

/** A create is owed from the moment it is intended; its own answer settles it. */
export function debtsOfDraft({ context, event }: Args): Debt[] {
  let debts = context.debts;
  // The former draft was answered with 409, or with 403, and stands nowhere: nothing to undo.
  const refused = context.draft?.conflicted || event.type === 'permission.refused';
  if (context.draft !== null && refused && !context.clearing.includes(subscriptionDebtId(context.draft.id))) {
    debts = settleDebt(debts, subscriptionDebtId(context.draft.id));
  }
  return oweSubscription(
    debts,
    event.id,
    { grantId: context.grant?.id ?? '', accountUri: context.grant?.accountUri ?? null },
    'held',
  );
}

/** The settings that came with a listing: timers are set by them. */
export function noteWanted({ event }: Args): Change {
  if (event.type !== 'subscriptions.listed') return {};
  const { pollingMinutes, watchMinutes } = event.wanted;
  return { pollingMinutes, watchMinutes };
}

/** The one that stays, and everything else of ours that is in the listing. */
export function adoptSubscription({ context, event }: Args): Change {
  if (event.type !== 'subscriptions.listed') return {};
  const plan = planSync(context, event.found);
  return plan.step === 'adopt' ? { subscription: plan.subscriptionId, draft: null, retryStartedAt: null } : {};
}

export function debtsOfAdoption({ context, event }: Args): Debt[] {
  if (event.type !== 'subscriptions.listed') return context.debts;
  const plan = planSync(context, event.found);
  if (plan.step !== 'adopt') return context.debts;
  let debts = settleDebt(context.debts, subscriptionDebtId(plan.subscriptionId));
  if (context.draft !== null && context.draft.id !== plan.subscriptionId) {
    debts = settleDebt(debts, subscriptionDebtId(context.draft.id));
  }
  const surplus = [...plan.surplus, ...(context.subscription ? [context.subscription] : [])];
  return oweAll(
    debts,
    surplus.filter((id) => id !== plan.subscriptionId),
    context,
  );
}

export function debtsOfClearing({ context, event }: Args): Debt[] {
  const first = subscriptionsToClear({ context, event });
  const owed = oweAll(context.debts, first, context);
  const held = first.reduce((debts, id) => releaseDraft(debts, id), owed);
  return tryDebts(held, (debt) => first.includes(debt.subscriptionId ?? ''));
}

export function subscriptionsToClear({ context, event }: Args): string[] {
  if (event.type !== 'subscriptions.listed') return [];
  const plan = planSync(context, event.found);
  return plan.step === 'clear' ? plan.first : [];
}

/** The new one stands: everything else that the listing showed goes. */
export function debtsOfReplacement({ context, event }: Args): Debt[] {
  if (event.type !== 'subscription.created') return context.debts;
  const debts = settleDebt(context.debts, subscriptionDebtId(event.subscriptionId));
  return oweAll(
    debts,
    context.subscription === null ? context.surplus : [context.subscription, ...context.surplus],
    context,
  );
}

function oweAll(debts: Debt[], subscriptionIds: string[], context: ConnectionContext): Debt[] {
  const creditor = { grantId: context.grant?.id ?? '', accountUri: context.grant?.accountUri ?? null };
  return subscriptionIds.reduce((list, id) => oweSubscription(list, id, creditor), debts);
}

/** A possession that came late: tokens or a subscription that nobody waits for any more. */
export function debtsOfLateArrival({ context, event }: Args): Debt[] {
  const { debts } = context;
  switch (event.type) {
    case 'token.issued':
    case 'token.orphaned':
      return oweGrant(debts, { grantId: event.grantId, accountUri: event.accountUri });
    case 'token.refreshed':
    case 'grant.recovered':
      return tryDebts(debts, (debt) => debt.grantId === event.grantId || debt.id === grantDebtId(event.grantId));
    case 'subscription.created': {
      if (event.subscriptionId === context.subscription) return debts;
      const owed = oweSubscription(debts, event.subscriptionId, event);
      return tryDebts(releaseDraft(owed, event.subscriptionId), (debt) => debt.subscriptionId === event.subscriptionId);
    }
    default:
      return debts;
  }
}
