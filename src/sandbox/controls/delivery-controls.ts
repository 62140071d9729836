import { stampOf } from '../clock.ts';
import type { SandboxContext } from '../context.ts';
import { ControlError } from './control-error.ts';
import type { DeliveryControls, DeliveryView } from './controls.ts';
import type { DeliverySender } from '../deliveries/sender.ts';
import type { DeliverySettings } from '../deliveries/settings.ts';
import type { Delivery } from '../state.ts';
import { uriOf, uuidIn } from '../uris.ts';

export function deliveryControls(context: SandboxContext, sender: DeliverySender): DeliveryControls {
  const { state, deliverySettings } = context;
  const pending = () => state.deliveries.filter(({ status }) => status === 'pending');
  return {
    list: ({ status, subscription } = {}) => {
      const uuid = subscription && (uuidIn('webhook_subscriptions', subscription) ?? subscription);
      return state.deliveries
        .filter((delivery) => (!status || delivery.status === status) && (!uuid || delivery.subscription === uuid))
        .map((delivery) => viewDelivery(context, delivery));
    },
    pause: () => {
      deliverySettings.paused = true;
    },
    resume: async (order) => {
      const due = pending().filter(({ dueAtMs }) => dueAtMs <= context.clock.nowMs());
      if (order) for (const delivery of order === 'newest-first' ? due.reverse() : due) await sender.send(delivery);
      deliverySettings.paused = false;
      sender.wake();
    },
    redeliver: async (id) => {
      const delivery = state.deliveries.find((known) => known.id === id);
      if (!delivery) throw new ControlError(404, `There is no delivery "${id}".`);
      await sender.send(delivery);
    },
    dropNext: (count) => {
      deliverySettings.dropNext = count;
    },
    settings: () => ({ ...deliverySettings }),
    configure: (settings) => {
      checkSettings(settings);
      Object.assign(deliverySettings, settings);
      sender.wake();
    },
    retryNow: () => {
      for (const delivery of pending()) delivery.dueAtMs = Math.min(delivery.dueAtMs, context.clock.nowMs());
      sender.wake();
    },
    idle: () => sender.idle(),
  };
}

function checkSettings(settings: Partial<DeliverySettings>): void {
  for (const [name, value] of Object.entries(settings)) {
    const isFlag = name === 'paused' || name === 'duplicate';
    const isAmount = name === 'delayMs' || name === 'jitterMs' || name === 'dropNext';
    if (isFlag ? typeof value === 'boolean' : isAmount && typeof value === 'number' && value >= 0) continue;
    throw new ControlError(400, `Delivery setting "${name}" cannot be ${JSON.stringify(value)}.`);
  }
}

function viewDelivery(context: SandboxContext, delivery: Delivery): DeliveryView {
  const subscription = context.state.subscriptions.find(({ uuid }) => uuid === delivery.subscription);
  return {
    id: delivery.id,
    subscription: uriOf(context, 'webhook_subscriptions', delivery.subscription),
    url: subscription?.url ?? '',
    event: delivery.event,
    status: delivery.status,
    attempts: structuredClone(delivery.attempts),
    createdAt: stampOf(delivery.createdAtMs),
    dueAt: stampOf(delivery.dueAtMs),
    body: delivery.body,
  };
}
