import { stampOf } from '../clock.ts';
import type { SandboxContext } from '../context.ts';
import type { Delivery, Subscription } from '../state.ts';
import type { DeliveryAnswer } from './post-delivery.ts';

/** Updates the delivery and its subscription after one attempt. */
export function recordAttempt(
  context: SandboxContext,
  delivery: Delivery,
  subscription: Subscription,
  answer: DeliveryAnswer & { startedAtMs: number },
): void {
  const now = context.clock.nowMs();
  delivery.attempts.push({
    at: stampOf(answer.startedAtMs),
    status: answer.status,
    error: answer.error,
    durationMs: now - answer.startedAtMs,
  });
  // A delivery that was sent once more by hand is not retried.
  if (delivery.status !== 'pending') return;
  if (answer.status !== null && answer.status >= 200 && answer.status < 300) {
    delivery.status = 'delivered';
    subscription.lastSuccessAt = stampOf(now);
  } else {
    retryOrGiveUp(context, delivery, subscription, now);
  }
  if (!isRetrying(context, subscription)) subscription.retryStartedAt = null;
}

function retryOrGiveUp(context: SandboxContext, delivery: Delivery, subscription: Subscription, now: number): void {
  const { retryDelaysSeconds, giveUpAfterSeconds } = context.switches;
  const horizonMs = delivery.createdAtMs + giveUpAfterSeconds * 1000;
  subscription.retryStartedAt ??= stampOf(now);
  if (now < horizonMs) {
    const step = Math.min(delivery.attempts.length, retryDelaysSeconds.length) - 1;
    // The last try is exactly at the end of the time, so that its outcome decides about disabling.
    delivery.dueAtMs = Math.min(now + retryDelaysSeconds[step]! * 1000, horizonMs);
    return;
  }
  delivery.status = 'gaveUp';
  if (mustDisable(context, subscription, now)) disable(context, subscription);
}

/** Calendly's documents describe it in two ways: no success at all within the 24 hours, or this one message not delivered. */
function mustDisable(context: SandboxContext, subscription: Subscription, now: number): boolean {
  if (context.switches.disableRule === 'message-expired') return true;
  const windowMs = context.switches.giveUpAfterSeconds * 1000;
  return subscription.lastSuccessAt === null || Date.parse(subscription.lastSuccessAt) <= now - windowMs;
}

/** Nobody is told, and deliveries that still wait are never sent. */
export function disable(context: SandboxContext, subscription: Subscription): void {
  subscription.state = 'disabled';
  subscription.updatedAt = context.clock.stamp();
  for (const delivery of context.state.deliveries) {
    if (delivery.subscription === subscription.uuid && delivery.status === 'pending') delivery.status = 'abandoned';
  }
}

function isRetrying(context: SandboxContext, subscription: Subscription): boolean {
  // A disabled subscription keeps the time. It shows since when nothing was delivered.
  if (subscription.state === 'disabled') return true;
  return context.state.deliveries.some(
    ({ subscription: uuid, status, attempts }) =>
      uuid === subscription.uuid && status === 'pending' && attempts.length > 0,
  );
}
