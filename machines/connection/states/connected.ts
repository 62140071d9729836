import { and, not, or } from 'xstate/guards';
import * as attempt from '../attempt.ts';
import * as backfill from '../backfill.ts';
import * as delivery from '../delivery.ts';
import * as grant from '../grant.ts';
import { connectionSetup } from '../setup.ts';
import * as step from '../step.ts';
import { takeSettings } from '../tenant-settings.ts';
import type { Origin } from '../context.ts';

/** Both ways of delivery take the same commands. A routine refresh comes back to the one it came from. */
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
    configure: {
      guard: 'changesWebhooks',
      target: '#listing',
      actions: [takeSettings, attempt.comeBackTo('reconnecting')],
    },
    'backfill.failed': {
      guard: and(['isThisBackfill', 'hasUsableGrant', 'isUnauthorized', not('isRenewed')]),
      target: '#refreshingToken',
      actions: [backfill.postpone, backfill.startResumeTimer, grant.renewRoutinely, attempt.comeBackTo(origin)],
    },
  } as const;
};

/** Meetings arrive by webhooks, or by polling if the Calendly plan has no webhooks. */
export const connected = connectionSetup.createStateConfig({
  initial: 'arriving',
  entry: step.settleIn,
  states: {
    /** Passed through at once. A refresh or a consent is over, and the way of delivery is the same as before. */
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
        // It is disabled, gone or not as wanted. The grant is proven, and a sync replaces the subscription.
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
        // The plan may have webhooks now. Another create shows it.
        'plan.due': { target: '#listing', actions: [attempt.comeBackTo('reconnecting'), delivery.startPlanTimer] },
      },
    },
  },
});
