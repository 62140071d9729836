import type { ConnectionContext, Debt } from './context.ts';
import type { ConnectionEvent, TimerEvent } from './events.ts';
import { untilDebtRetry, type delays } from './delays.ts';
import { releaseDraft, releaseGrants, settleDebt, subscriptionDebtId, tryDebts } from './debts.ts';
import * as decide from './decide.ts';
import { forgetBackfill } from './forget-backfill.ts';
import { connectionSetup as s } from './setup.ts';

type Args = decide.Args;
type TimedEvent = (context: ConnectionContext) => TimerEvent;

/** A durable timer: a future event under a name; raising it again replaces it. Dispatch stamps the event when it is due. */
function startTimer(id: string, event: TimedEvent, delay: keyof typeof delays) {
  return s.raise(({ context }) => event(context) as ConnectionEvent, { id, delay });
}

const change = (decision: (args: Args) => Partial<ConnectionContext>) => s.assign((args) => decision(args));

/** Every waiting state: a new generation, its effect, and a deadline that ends with the state. */
export const nextGeneration = s.assign({ generation: ({ context }) => context.generation + 1 });
export const startDeadline = startTimer(
  'deadline',
  ({ generation }) => ({ type: 'deadline.passed', generation }),
  'untilDeadline',
);
export const startRetiringDeadline = startTimer(
  'deadline',
  ({ generation }) => ({ type: 'deadline.passed', generation }),
  'untilRetired',
);
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
export const stopDeadline = s.cancel('deadline');
export const startRetryTimer = startTimer(
  'retry',
  ({ generation }) => ({ type: 'retry.due', generation }),
  'untilRetry',
);
export const stopRetryTimer = s.cancel('retry');
export const startRecheckTimer = startTimer(
  'recheck',
  ({ generation }) => ({ type: 'recheck.due', generation }),
  'untilRecheck',
);
export const stopRecheckTimer = s.cancel('recheck');
/** These belong to the way of delivery, not to a state: a refresh in between must not put them off for ever. */
export const startPollTimer = startTimer('poll', () => ({ type: 'poll.due' }), 'untilPoll');
export const stopPollTimer = s.cancel('poll');
export const startPlanTimer = startTimer('plan', () => ({ type: 'plan.due' }), 'untilPlanRecheck');
export const stopPlanTimer = s.cancel('plan');
export const startWatchTimer = startTimer('watch', () => ({ type: 'watch.due' }), 'untilWatch');
export const stopWatchTimer = s.cancel('watch');

/** The refresh timer belongs to the current grant, not to a state: tokens are kept alive in all of them. */
export const startRefreshTimer = startTimer('refresh', () => ({ type: 'refresh.due' }), 'untilRefresh');
export const retryRefreshLater = startTimer('refresh', () => ({ type: 'refresh.due' }), 'untilRefreshRetry');
/** For a grant that is used on without a refresh: ahead of its token's end, or when a refresh that failed is to be tried again. */
export const planRefresh = s.enqueueActions(({ context, enqueue }) => {
  enqueue(context.refreshFailures === 0 ? startRefreshTimer : retryRefreshLater);
});
export const stopRefreshTimer = s.cancel('refresh');

export const noteProblem = change((args) => {
  const problem = decide.problemOf(args.event);
  return {
    ...(problem ? { problem } : {}),
    retryAfterSeconds: 'failure' in args.event ? args.event.failure.retryAfterSeconds : 0,
    missingScopes: args.event.type === 'permission.refused' ? args.event.missingScopes : [],
  };
});
export const countFailure = s.assign({ failures: ({ context }) => context.failures + 1 });
export const beginPass = s.assign(decide.freshPass);
export const renewToken = s.assign({ renewed: true, routine: false });
export const markRoutine = s.assign({ routine: true });
export const endRoutine = s.assign({ routine: false, origin: 'reconnecting' });
export const settleIn = s.assign({
  ...decide.freshPass,
  problem: null,
  failures: 0,
  retryAfterSeconds: 0,
  missingScopes: [],
  origin: 'disconnected',
});

export const startAttemptFrom = (origin: ConnectionContext['origin']) =>
  change((args) => decide.startAttempt(args, origin));
export const replaceAttempt = change((args) => decide.startAttempt(args, args.context.origin));
export const endAttempt = s.assign(decide.endAttempt);
export const takeCandidate = change(decide.takeCandidate);
export const awaitConfirmation = s.assign({ pendingAccount: (args) => decide.pendingAccount(args) });
export const acceptCandidate = change(decide.acceptCandidate);
export const identifyGrant = s.assign({ grant: (args) => decide.identifiedGrant(args) });

export const takeToken = s.assign({
  grant: ({ context, event }) => decide.refreshed(context.grant, event),
  upkeep: false,
  refreshFailures: 0,
});
export const countRefreshFailure = s.assign({ refreshFailures: ({ context }) => context.refreshFailures + 1 });
export const takeCandidateToken = s.assign({
  candidate: ({ context, event }) => decide.refreshed(context.candidate, event),
});
export const loseGrant = s.assign({
  grant: ({ context }) => (context.grant === null ? null : { ...context.grant, lost: true }),
  upkeep: false,
  routine: false,
});
export const comeBackWithoutGrant = s.assign({ origin: 'needsReauthorization' });
export const comeBackWithGrant = s.assign({
  origin: ({ context }) => (context.origin === 'needsReauthorization' ? 'reconnecting' : context.origin),
});
export const comeBackTo = (origin: ConnectionContext['origin']) => s.assign({ origin });
export const renewRoutinely = s.assign({ renewed: true, routine: true });
export const refreshTokenAside = s.enqueueActions(({ context: { grant, generation }, enqueue }) => {
  if (grant !== null) enqueue({ type: 'refreshToken', params: { grantId: grant.id, generation } });
});
export const beginUpkeep = s.assign({ upkeep: true });
export const endUpkeep = s.assign({ upkeep: false });
export const forgetGrant = s.assign({
  ...decide.endAttempt,
  ...decide.freshPass,
  grant: null,
  subscription: null,
  delivery: null,
  upkeep: false,
  refreshFailures: 0,
  failures: 0,
  origin: 'disconnected',
  problem: null,
  missingScopes: [],
  backfill: ({ context }) => forgetBackfill(context),
});

export const checkSubscription = s.enqueueActions(({ context: { grant, subscription }, enqueue }) => {
  if (grant === null || subscription === null) return;
  enqueue({ type: 'checkSubscription', params: { grantId: grant.id, subscriptionId: subscription } });
});
/** The subscription's first warning: Calendly began to retry. Shown until a check finds it well again. */
export const noteCheck = s.assign({
  retryStartedAt: ({ context, event }) =>
    event.type === 'subscription.checked' ? event.retryStartedAt : context.retryStartedAt,
});
export const noteWanted = change(decide.noteWanted);
export const draftSubscription = change(decide.draftSubscription);
export const markConflict = s.assign({
  draft: ({ context }) => (context.draft === null ? null : { ...context.draft, conflicted: true }),
});
/** The sync ends before its draft stands: a create whose outcome is open is a debt from here on, and works itself off. */
export const leaveDraft = s.enqueueActions(({ context: { draft }, event, enqueue }) => {
  if (draft === null) return;
  enqueue(
    keepDebts(({ context: { debts } }) =>
      decide.isNothingCreated(draft, event)
        ? settleDebt(debts, subscriptionDebtId(draft.id))
        : releaseDraft(debts, draft.id),
    ),
  );
  enqueue.assign({ draft: null });
});
export const takeSubscription = s.assign({
  subscription: ({ context }) => context.draft?.id ?? null,
  draft: null,
  retryStartedAt: null,
});
export const adoptSubscription = change(decide.adoptSubscription);
export const noteUnresolvedConflict = s.assign({
  problem: ({ event }) => ({
    code: 'webhook_conflict',
    message: 'Calendly says that a webhook stands in the way, and none of ours explains it.',
    exchangeId: null,
    at: event.at,
  }),
});
/** A live one that stands in the way of its successor is given up here: from now on it is a debt. */
export const beginClearing = change((args) => {
  const { subscription } = args.context;
  const first = decide.subscriptionsToClear(args);
  return {
    clearing: first.map(subscriptionDebtId),
    subscription: subscription !== null && first.includes(subscription) ? null : subscription,
  };
});
export const deliverByWebhooks = s.assign({ delivery: 'webhooks' });
export const deliverByPolling = s.assign({ delivery: 'polling' });

/** What the former account's back-fill still meant to try is of no use to another account. */
export const stopBackfillOfFormerAccount = s.enqueueActions(({ context, event, enqueue }) => {
  if (decide.acceptCandidate({ context, event }).backfill?.state === 'none') enqueue.cancel('backfill');
});
/** The one way to change debts: what is newly tried gets its effect, what newly waits gets its timer. */
export function keepDebts(decision: (args: Args) => Debt[]) {
  return s.enqueueActions(({ context, event, enqueue }) => {
    const debts = releaseGrants(decision({ context, event }));
    const before = new Map(context.debts.map((debt) => [debt.id, debt]));
    enqueue.assign({ debts });
    for (const debt of debts) {
      const former = before.get(debt.id);
      before.delete(debt.id);
      if (former?.status === debt.status && former.attempts === debt.attempts) continue;
      const timer = `debt:${debt.id}`;
      if (former?.status === 'waiting') enqueue.cancel(timer);
      if (debt.status === 'waiting') {
        enqueue.raise({ type: 'debt.due', debtId: debt.id } as ConnectionEvent, {
          id: timer,
          delay: untilDebtRetry(debt, event),
        });
      }
      if (debt.status === 'trying') enqueue(effectOf(debt));
    }
    for (const gone of before.values()) if (gone.status === 'waiting') enqueue.cancel(`debt:${gone.id}`);
  });
}

/** All that waits or is blocked is tried again now. */
export const retryDebts = keepDebts(({ context }) => tryDebts(context.debts, () => true));

function effectOf({ id: debtId, kind, grantId, subscriptionId }: Debt) {
  return kind === 'subscription'
    ? { type: 'deleteSubscription' as const, params: { debtId, grantId, subscriptionId: subscriptionId ?? '' } }
    : { type: 'revokeGrant' as const, params: { debtId, grantId } };
}

export {
  backfillAfterSync,
  backfillDaily,
  backfillGap,
  finishBackfill,
  poll,
  postponeBackfill,
  resumeBackfill,
  startBackfillTimer,
  stopBackfillTimer,
} from './backfill.ts';
