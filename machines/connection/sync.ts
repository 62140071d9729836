import { actionSetup as s } from './action-setup.ts';
import type { ConnectionContext, Debt, SubscriptionDraft } from './context.ts';
import { oweSubscription, releaseDraft, settleDebt, subscriptionDebtId, tryDebts, tryHeld } from './debt-list.ts';
import { keepDebts } from './debts.ts';
import type { Args, ConnectionEvent } from './events.ts';
import { MAX_CREATES, planSync, type SyncPlan } from './plan-sync.ts';
import { freshPass } from './step.ts';

/** What a sync changes on its way to exactly one subscription. `plan-sync.ts` decides what to do about a listing. */

export const syncGuards = {
  plans: ({ context, event }: Args, { step }: { step: SyncPlan['step'] }) =>
    event.type === 'subscriptions.listed' && planSync(context, event.found).step === step,
  lacksPlan: ({ event }: Args) => event.type === 'permission.refused' && event.reason === 'plan',
  canFallBack: ({ context, event }: Args) =>
    event.type === 'permission.refused' && event.fallback !== null && context.creates < MAX_CREATES,
  isCleared: ({ context }: Args) => !context.debts.some((debt) => context.clearing.includes(debt.id)),
  isClearingFailed: ({ context }: Args) =>
    context.debts.some(
      (debt) => context.clearing.includes(debt.id) && (debt.status === 'waiting' || debt.status === 'blocked'),
    ),
  isRetired: ({ context }: Args) => !context.debts.some((debt) => debt.status === 'trying' && debt.attempts === 0),
};

/** Keeps the intervals that came with the listing, which are the deployment's. Timers use them. */
const noteWanted = s.assign(({ context: { settings }, event }) => {
  if (event.type !== 'subscriptions.listed') return {};
  const { pollingMinutes, watchMinutes } = event.wanted;
  return { pollingMinutes: settings.pollingMinutes ?? pollingMinutes, watchMinutes };
});

/** The sync starts again with other settings. If it has sent a create, deliveries may have been missed: the back-fill asks for it. */
export const beginAgain = s.assign({ ...freshPass, creates: ({ context }) => Math.min(context.creates, 1) });

/** Drafts a new subscription. Its id is the id of this event. */
const draftSubscription = s.assign(({ context, event }) => {
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
});

/** The draft is a debt before it is created, so that a create without an answer is deleted. Its answer settles the debt. */
function debtsOfDraft({ context, event }: Args): Debt[] {
  let debts = context.debts;
  // Calendly refused the former draft with 409 or 403. It does not exist, so it is not owed.
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

export const createDraft = [keepDebts(debtsOfDraft), draftSubscription];
export const createDraftFromListing = [noteWanted, ...createDraft];

export const markConflict = s.assign({
  draft: ({ context }) => (context.draft === null ? null : { ...context.draft, conflicted: true }),
});

/** The sync ends without an answer to its create. The draft's debt is released, unless it is certain that nothing was created. */
export const leaveDraft = s.enqueueActions(({ context: { draft }, event, enqueue }) => {
  if (draft === null) return;
  enqueue(
    keepDebts(({ context: { debts } }) =>
      isNothingCreated(draft, event) ? settleDebt(debts, subscriptionDebtId(draft.id)) : releaseDraft(debts, draft.id),
    ),
  );
  enqueue.assign({ draft: null });
});

/** Certain if Calendly refused the create, or answered it with 409 and a complete listing does not show it. */
function isNothingCreated(draft: SubscriptionDraft, event: ConnectionEvent): boolean {
  if (draft.conflicted)
    return event.type === 'subscriptions.listed' && !event.found.some((item) => item.subscriptionId === draft.id);
  return event.type === 'permission.refused' || ('failure' in event && event.failure.certain);
}

const takeSubscription = s.assign({
  subscription: ({ context }) => context.draft?.id ?? null,
  draft: null,
  retryStartedAt: null,
});

/** The new subscription exists. Everything else that the listing showed is owed. */
function debtsOfReplacement({ context, event }: Args): Debt[] {
  if (event.type !== 'subscription.created') return context.debts;
  const debts = tryHeld(settleDebt(context.debts, subscriptionDebtId(event.subscriptionId)));
  return oweAll(
    debts,
    context.subscription === null ? context.surplus : [context.subscription, ...context.surplus],
    context,
  );
}

export const replace = [keepDebts(debtsOfReplacement), takeSubscription];

/** Takes a subscription that the listing shows. Everything else of ours in the listing is owed. */
const adoptSubscription = s.assign(({ context, event }) => {
  if (event.type !== 'subscriptions.listed') return {};
  const plan = planSync(context, event.found);
  return plan.step === 'adopt' ? { subscription: plan.subscriptionId, draft: null, retryStartedAt: null } : {};
});

function debtsOfAdoption({ context, event }: Args): Debt[] {
  if (event.type !== 'subscriptions.listed') return context.debts;
  const plan = planSync(context, event.found);
  if (plan.step !== 'adopt') return context.debts;
  let debts = settleDebt(context.debts, subscriptionDebtId(plan.subscriptionId));
  if (context.draft !== null && context.draft.id !== plan.subscriptionId) {
    debts = settleDebt(debts, subscriptionDebtId(context.draft.id));
  }
  const surplus = [...plan.surplus, ...(context.subscription ? [context.subscription] : [])];
  return oweAll(
    tryHeld(debts),
    surplus.filter((id) => id !== plan.subscriptionId),
    context,
  );
}

/** There will be no webhook of ours; those of a former system go all the same. */
export const tryFormerWebhooks = keepDebts(({ context }) => tryHeld(context.debts));

export const adopt = [noteWanted, keepDebts(debtsOfAdoption), adoptSubscription];

/** Subscriptions that a 409 named are owed. If the live one is among them, it is no longer the live one. */
const beginClearing = s.assign((args) => {
  const { subscription } = args.context;
  const first = subscriptionsToClear(args);
  return {
    clearing: first.map(subscriptionDebtId),
    subscription: subscription !== null && first.includes(subscription) ? null : subscription,
  };
});

function debtsOfClearing({ context, event }: Args): Debt[] {
  const first = subscriptionsToClear({ context, event });
  const owed = oweAll(context.debts, first, context);
  const held = first.reduce((debts, id) => releaseDraft(debts, id), owed);
  return tryDebts(held, (debt) => first.includes(debt.subscriptionId ?? ''));
}

function subscriptionsToClear({ context, event }: Args): string[] {
  if (event.type !== 'subscriptions.listed') return [];
  const plan = planSync(context, event.found);
  return plan.step === 'clear' ? plan.first : [];
}

export const clear = [noteWanted, keepDebts(debtsOfClearing), beginClearing];

function oweAll(debts: Debt[], subscriptionIds: string[], context: ConnectionContext): Debt[] {
  const creditor = { grantId: context.grant?.id ?? '', accountUri: context.grant?.accountUri ?? null };
  return subscriptionIds.reduce((list, id) => oweSubscription(list, id, creditor), debts);
}
