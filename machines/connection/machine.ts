import * as act from './actions.ts';
import { blockDebt, postponeDebt, refuseDebt, settleDebt, tryDebts } from './debts.ts';
import { debtsOfDisconnect, debtsOfLateArrival, problemOf } from './decide.ts';
import type { ConnectionEvent } from './events.ts';
import { connectionSetup, initialContext } from './setup.ts';
import { authorizing } from './states/authorizing.ts';
import { connected } from './states/connected.ts';
import { disconnected } from './states/disconnected.ts';
import { error } from './states/error.ts';
import { refreshing } from './states/refreshing.ts';
import { syncingWebhooks } from './states/syncing-webhooks.ts';
import { MACHINE_VERSION } from './version.ts';

const debtIdOf = (event: ConnectionEvent) => ('debtId' in event ? event.debtId : '');
const lateArrival = { actions: act.keepDebts(debtsOfLateArrival) };

/** The one lifecycle of one tenant. States decide first; what stands here holds in every state. */
export const connectionMachine = connectionSetup.createMachine({
  id: 'connection',
  version: String(MACHINE_VERSION),
  context: ({ input }) => initialContext(input),
  initial: 'disconnected',
  on: {
    disconnect: {
      target: '#disconnected',
      actions: [
        act.keepDebts(debtsOfDisconnect),
        act.forgetGrant,
        act.stopRefreshTimer,
        act.stopBackfillTimer,
        act.stopWatchTimer,
        act.stopPollTimer,
        act.stopPlanTimer,
      ],
    },
    retry: { guard: 'hasDebts', actions: act.retryDebts },

    // Upkeep of tokens goes on beside the state.
    'refresh.due': { guard: 'canStartUpkeep', actions: [act.beginUpkeep, act.refreshTokenAside] },
    'token.needed': { guard: 'canStartUpkeep', actions: [act.beginUpkeep, act.refreshTokenAside] },
    'token.refreshed': [
      { guard: 'isCurrentGrant', actions: [act.takeToken, act.startRefreshTimer] },
      { guard: 'isCandidate', actions: act.takeCandidateToken },
      lateArrival,
    ],
    'grant.recovered': [{ guard: 'isCurrentGrant', actions: [act.takeToken, act.startRefreshTimer] }, lateArrival],
    'token.refreshFailed': {
      guard: 'isUpkeepOfCurrentGrant',
      actions: [act.endUpkeep, act.countRefreshFailure, act.retryRefreshLater],
    },
    // Whoever found out: upkeep, a reader of tokens, or a debt that needed this grant.
    'token.refreshRejected': {
      guard: 'isLossOfCurrentGrant',
      target: '#needsReauthorization',
      actions: [act.noteProblem, act.loseGrant, act.stopRefreshTimer],
    },
    'grant.unusable': {
      guard: 'isUpkeepOfCurrentGrant',
      target: '#needsAttention',
      actions: [act.noteProblem, act.endUpkeep, act.stopRefreshTimer],
    },

    // Possessions are never fenced away: what nobody waits for any more is owed.
    'token.issued': lateArrival,
    'token.orphaned': lateArrival,
    'subscription.created': lateArrival,

    'debt.settled': {
      guard: 'hasThisDebt',
      actions: act.keepDebts(({ context, event }) => settleDebt(context.debts, debtIdOf(event))),
    },
    'debt.postponed': {
      guard: 'hasThisDebt',
      actions: act.keepDebts(({ context, event }) => postponeDebt(context.debts, debtIdOf(event), problemOf(event)!)),
    },
    'debt.refused': {
      guard: 'hasThisDebt',
      actions: act.keepDebts(({ context, event }) => refuseDebt(context.debts, debtIdOf(event), problemOf(event)!)),
    },
    'debt.blocked': {
      guard: 'hasThisDebt',
      actions: act.keepDebts(({ context, event }) => blockDebt(context.debts, debtIdOf(event), problemOf(event)!)),
    },
    'debt.due': {
      guard: 'isDebtWaiting',
      actions: act.keepDebts(({ context, event }) => tryDebts(context.debts, (debt) => debt.id === debtIdOf(event))),
    },

    // Polling waits for a grant to be usable again; the watch waits until the connection is at rest again.
    // A poll that takes longer than the interval is not begun anew: it would never come to its end.
    'poll.due': [
      { guard: 'isStillPolling', actions: act.startPollTimer },
      { guard: 'isPolling', actions: [act.poll, act.startPollTimer] },
    ],
    'plan.due': { guard: 'isPolling', actions: act.startPlanTimer },
    'watch.due': { guard: 'hasSubscription', actions: act.startWatchTimer },
    'gap.noticed': { guard: 'hasUsableGrant', actions: act.backfillGap },
    'backfill.overdue': { guard: 'hasUsableGrant', actions: act.backfillDaily },

    // Neither does `connected` wait for a back-fill, nor does a back-fill wait for a state.
    'backfill.completed': { guard: 'isThisBackfill', actions: act.finishBackfill },
    'backfill.failed': { guard: 'isThisBackfill', actions: [act.postponeBackfill, act.startBackfillTimer] },
    'backfill.due': { guard: 'isThisBackfill', actions: act.resumeBackfill },
  },
  states: { disconnected, authorizing, refreshing, syncingWebhooks, connected, error },
});
