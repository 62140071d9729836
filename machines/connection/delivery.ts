import { actionSetup as s, startTimer } from './action-setup.ts';
import type { Args } from './events.ts';

/** How meetings arrive: by webhooks, which are watched, or by polling where the plan has no webhooks. */
export const deliveryGuards = {
  hasSubscription: ({ context }: Args) => context.subscription !== null,
  isThisSubscription: ({ context, event }: Args) =>
    'subscriptionId' in event && event.subscriptionId === context.subscription,
  isIntact: ({ event }: Args) => event.type === 'subscription.checked' && event.intact,
  isPolling: ({ context }: Args) => context.delivery === 'polling',
};

export const deliverByWebhooks = s.assign({ delivery: 'webhooks' });
export const deliverByPolling = s.assign({ delivery: 'polling' });

/** These timers belong to the way of delivery, not to a state: a refresh in between must not put them off for ever. */
export const startPollTimer = startTimer('poll', () => ({ type: 'poll.due' }), 'untilPoll');
export const stopPollTimer = s.cancel('poll');
export const startPlanTimer = startTimer('plan', () => ({ type: 'plan.due' }), 'untilPlanRecheck');
export const stopPlanTimer = s.cancel('plan');
export const startWatchTimer = startTimer('watch', () => ({ type: 'watch.due' }), 'untilWatch');
export const stopWatchTimer = s.cancel('watch');

export const checkSubscription = s.enqueueActions(({ context: { grant, subscription }, enqueue }) => {
  if (grant === null || subscription === null) return;
  enqueue({ type: 'checkSubscription', params: { grantId: grant.id, subscriptionId: subscription } });
});
/** Calendly's first warning is that it retries deliveries. It is shown until a check finds the subscription well again. */
export const noteCheck = s.assign({
  retryStartedAt: ({ context, event }) =>
    event.type === 'subscription.checked' ? event.retryStartedAt : context.retryStartedAt,
});
