import * as act from '../actions.ts';
import type { Origin } from '../context.ts';
import { connectionSetup } from '../setup.ts';

/** The same commands in both ways of delivery; they differ in where a routine refresh comes back to. */
const upkeep = (origin: Origin) => {
  const routine = { target: '#refreshingToken', actions: [act.markRoutine, act.comeBackTo(origin)] };
  return {
    connect: [
      { guard: 'wantsConsent', target: '#awaitingConsent', actions: act.startAttemptFrom(origin) },
      { guard: 'isRecentlyRefreshed', target: '#provingGrant', actions: act.comeBackTo('reconnecting') },
      { target: '#refreshingToken', actions: act.comeBackTo('reconnecting') },
    ],
    refresh: routine,
    'refresh.due': routine,
    'token.needed': routine,
    resync: { target: '#listing', actions: act.comeBackTo('reconnecting') },
    'backfill.failed': {
      guard: 'isBackfillUnauthorized',
      target: '#refreshingToken',
      actions: [act.postponeBackfill, act.startBackfillTimer, act.renewRoutinely, act.comeBackTo(origin)],
    },
  } as const;
};

/** Meetings arrive: by webhooks, or by polling where the plan has none. */
export const connected = connectionSetup.createStateConfig({
  initial: 'webhooks',
  entry: act.settleIn,
  states: {
    webhooks: {
      id: 'webhooks',
      entry: [act.deliverByWebhooks, act.stopPollTimer, act.stopPlanTimer],
      on: {
        ...upkeep('webhooks'),
        'watch.due': { guard: 'hasSubscription', actions: [act.checkSubscription, act.startWatchTimer] },
        // Disabled, gone or not as wanted: prove the grant, list, and put a new one in its place.
        'subscription.checked': [
          { guard: 'isIntact', actions: act.noteCheck },
          { guard: 'isThisSubscription', target: '#provingGrant', actions: act.comeBackTo('reconnecting') },
        ],
        'subscription.uncheckable': {
          guard: 'isWatchUnauthorized',
          target: '#refreshingToken',
          actions: [act.renewToken, act.comeBackTo('reconnecting')],
        },
      },
    },
    polling: {
      id: 'polling',
      entry: [act.deliverByPolling, act.stopWatchTimer],
      on: {
        ...upkeep('polling'),
        // The plan may have changed: one more create tells.
        'plan.due': { target: '#listing', actions: [act.comeBackTo('reconnecting'), act.startPlanTimer] },
      },
    },
  },
});
