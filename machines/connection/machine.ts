import { and, not } from 'xstate/guards';
import * as backfill from './backfill.ts';
import { initialContext } from './context.ts';
import * as debts from './debts.ts';
import * as delivery from './delivery.ts';
import { forgetEverything, handOver } from './disconnect.ts';
import { fence } from './fence.ts';
import * as grant from './grant.ts';
import { takeCandidateToken } from './attempt.ts';
import { noteProblem } from './problem.ts';
import { connectionSetup } from './setup.ts';
import { authorizing } from './states/authorizing.ts';
import { connected } from './states/connected.ts';
import { disconnected } from './states/disconnected.ts';
import { error } from './states/error.ts';
import { refreshing } from './states/refreshing.ts';
import { syncingWebhooks } from './states/syncing-webhooks.ts';
import { takeSettings } from './tenant-settings.ts';
import { MACHINE_VERSION } from './version.ts';

const lateArrival = { actions: debts.oweLateArrival };

/** The connection of one tenant. A state's own transitions come first; those in `on` here hold in every state. */
export const connectionMachine = connectionSetup.createMachine({
  id: 'connection',
  version: String(MACHINE_VERSION),
  context: ({ input }) => initialContext(input),
  initial: 'disconnected',
  on: {
    disconnect: { target: '#disconnected', actions: forgetEverything },
    release: { guard: 'hasUsableGrant', target: '#disconnected', actions: handOver },
    retry: { guard: 'hasDebts', actions: debts.tryAllNow },
    configure: { actions: takeSettings },

    // Upkeep: tokens are refreshed while the state goes on.
    'refresh.due': {
      guard: and(['hasUsableGrant', not('isUpkeep')]),
      actions: [grant.beginUpkeep, grant.refreshTokenAside],
    },
    'token.needed': {
      guard: and(['hasUsableGrant', not('isUpkeep')]),
      actions: [grant.beginUpkeep, grant.refreshTokenAside],
    },
    'token.refreshed': [
      { guard: 'isCurrentGrant', actions: [grant.takeToken, grant.startRefreshTimer] },
      { guard: 'isCandidate', actions: takeCandidateToken },
      lateArrival,
    ],
    'grant.recovered': [
      { guard: 'isCurrentGrant', actions: [grant.takeToken, grant.startRefreshTimer] },
      { guard: 'isCandidate', actions: takeCandidateToken },
      lateArrival,
    ],
    'token.refreshFailed': {
      guard: and(['isCurrentGrant', 'isUpkeep']),
      actions: [grant.endUpkeep, grant.countRefreshFailure, grant.retryRefreshLater],
    },
    // Upkeep, a reader of tokens or a debt found out that the grant is lost. Only the first one to say so is taken.
    'token.refreshRejected': {
      guard: and(['isCurrentGrant', 'hasUsableGrant']),
      target: '#needsReauthorization',
      actions: [noteProblem, grant.loseGrant, grant.stopRefreshTimer],
    },
    'grant.unusable': {
      guard: and(['isCurrentGrant', 'isUpkeep']),
      target: '#needsAttention',
      actions: [noteProblem, grant.endUpkeep, grant.stopRefreshTimer],
    },

    // These bring tokens or a webhook that exist at Calendly, so they are taken in every step. What no step waits for becomes a debt.
    'token.issued': lateArrival,
    'token.orphaned': lateArrival,
    'subscription.created': lateArrival,

    'debt.settled': { guard: 'hasThisDebt', actions: debts.settle },
    'debt.postponed': { guard: 'hasThisDebt', actions: debts.postpone },
    'debt.refused': { guard: 'hasThisDebt', actions: debts.refuse },
    'debt.blocked': { guard: 'hasThisDebt', actions: debts.block },
    'debt.due': { guard: 'isDebtWaiting', actions: debts.tryNow },

    // In other states than `connected.webhooks`, the watch only sets its timer again. A poll that takes longer than the interval is not
    // started again, because it would never finish.
    'poll.due': [
      { guard: and(['isPolling', 'isBackfillUnderWay']), actions: delivery.startPollTimer },
      { guard: 'isPolling', actions: [backfill.poll, delivery.startPollTimer] },
    ],
    'plan.due': { guard: 'isPolling', actions: delivery.startPlanTimer },
    'watch.due': { guard: 'hasSubscription', actions: delivery.startWatchTimer },
    'gap.noticed': { guard: 'hasUsableGrant', actions: backfill.afterGap },
    'backfill.overdue': { guard: 'hasUsableGrant', actions: backfill.daily },

    // No state waits for a back-fill, and a back-fill waits for no state.
    'backfill.completed': { guard: 'isThisBackfill', actions: backfill.finish },
    'backfill.failed': { guard: 'isThisBackfill', actions: [backfill.postpone, backfill.startResumeTimer] },
    'backfill.due': { guard: 'isThisBackfill', actions: backfill.resume },
  },
  states: fence({ disconnected, authorizing, refreshing, syncingWebhooks, connected, error }),
});
