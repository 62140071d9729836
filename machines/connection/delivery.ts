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

/** These timers go on in other states. Otherwise frequent refreshes would restart them again and again, and they would never be due. */
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
/** Calendly retries deliveries before it disables a subscription. The warning is shown until a check finds no retries. */
export const noteCheck = s.assign({
  retryStartedAt: ({ context, event }) =>
    event.type === 'subscription.checked' ? event.retryStartedAt : context.retryStartedAt,
});
