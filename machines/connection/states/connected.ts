import { and, not, or } from 'xstate/guards';
import * as attempt from '../attempt.ts';
import * as backfill from '../backfill.ts';
import * as delivery from '../delivery.ts';
import * as grant from '../grant.ts';
import { connectionSetup } from '../setup.ts';
import * as step from '../step.ts';
import type { Origin } from '../context.ts';

/** The same commands in both ways of delivery; they differ in where a routine refresh comes back to. */
const upkeep = (origin: Origin) => {
  const routine = { target: '#refreshingToken', actions: [grant.markRoutine, attempt.comeBackTo(origin)] };
  return {
    connect: [
      { guard: 'wantsConsent', target: '#awaitingConsent', actions: attempt.startAttemptFrom(origin) },
      { guard: 'isRecentlyRefreshed', target: '#provingGrant', actions: attempt.comeBackTo('reconnecting') },
      { target: '#refreshingToken', actions: attempt.comeBackTo('reconnecting') },
    ],
    refresh: routine,
    'refresh.due': routine,
    'token.needed': routine,
    resync: { target: '#listing', actions: attempt.comeBackTo('reconnecting') },
    'backfill.failed': {
      guard: and(['isThisBackfill', 'hasUsableGrant', 'isUnauthorized', not('isRenewed')]),
      target: '#refreshingToken',
      actions: [
        backfill.postponeBackfill,
        backfill.startBackfillTimer,
        grant.renewRoutinely,
        attempt.comeBackTo(origin),
      ],
    },
  } as const;
};

/** Meetings arrive: by webhooks, or by polling where the plan has none. */
export const connected = connectionSetup.createStateConfig({
  initial: 'arriving',
  entry: step.settleIn,
  states: {
    /** Passed through at once: back to the way of delivery that there was. */
    arriving: {
      id: 'arriving',
      always: [{ guard: 'isPolling', target: 'polling' }, { target: 'webhooks' }],
    },
    webhooks: {
      id: 'webhooks',
      entry: [delivery.deliverByWebhooks, delivery.stopPollTimer, delivery.stopPlanTimer],
      on: {
        ...upkeep('webhooks'),
        'watch.due': { guard: 'hasSubscription', actions: [delivery.checkSubscription, delivery.startWatchTimer] },
        // Disabled, gone or not as wanted: prove the grant, list, and put a new one in its place.
        'subscription.checked': [
          { guard: and(['isThisSubscription', 'isIntact']), actions: delivery.noteCheck },
          { guard: 'isThisSubscription', target: '#provingGrant', actions: attempt.comeBackTo('reconnecting') },
        ],
        'subscription.uncheckable': {
          guard: and(['isThisSubscription', or(['isUnauthorized', 'isInvalid'])]),
          target: '#refreshingToken',
          actions: [grant.renewToken, attempt.comeBackTo('reconnecting')],
        },
      },
    },
    polling: {
      id: 'polling',
      entry: [delivery.deliverByPolling, delivery.stopWatchTimer],
      on: {
        ...upkeep('polling'),
        // The plan may have changed: one more create tells.
        'plan.due': { target: '#listing', actions: [attempt.comeBackTo('reconnecting'), delivery.startPlanTimer] },
      },
    },
  },
});
