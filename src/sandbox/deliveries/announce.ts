import { randomUUID } from 'node:crypto';
import { requireAccount } from '../accounts.ts';
import { stampOf } from '../clock.ts';
import { inviteePayload } from '../bookings/invitee-view.ts';
import type { SandboxContext } from '../context.ts';
import type { Delivery, Invitee, ScheduledEvent, Subscription } from '../state.ts';
import { uriOf } from '../uris.ts';
import { serializeBody } from './serialize-body.ts';

export type InviteeEvent =
  | 'invitee.created'
  | 'invitee.canceled'
  | 'invitee_no_show.created'
  | 'invitee_no_show.deleted';

const DELIVERIES_KEPT = 5000;

/** Writes one delivery for each subscription that wants this event. The caller saves, then wakes the sender. */
export function announce(context: SandboxContext, name: InviteeEvent, invitee: Invitee): void {
  const event = context.state.events.find(({ uuid }) => uuid === invitee.event)!;
  for (const subscription of context.state.subscriptions) {
    if (!wants(context, subscription, name, event)) continue;
    const payload = inviteePayload(context, invitee, event);
    const delivery = makeDelivery(context, subscription, name, payload);
    context.state.deliveries.push(delivery);
    if (context.deliverySettings.duplicate && delivery.status === 'pending') {
      context.state.deliveries.push({ ...structuredClone(delivery), id: randomUUID() });
    }
  }
  forgetOldest(context.state.deliveries);
}

function wants(context: SandboxContext, hook: Subscription, name: InviteeEvent, event: ScheduledEvent): boolean {
  if (hook.deletedAt !== null || hook.state !== 'active' || !hook.events.includes(name)) return false;
  if (hook.organization !== event.organization) return false;
  if (hook.scope === 'organization') return true;
  if (hook.scope === 'user') return hook.user === event.host;
  const host = requireAccount(context, event.host);
  return context.state.organizations.some(({ uuid, group }) => uuid === host.organization && group === hook.group);
}

function makeDelivery(context: SandboxContext, hook: Subscription, name: InviteeEvent, payload: object): Delivery {
  const { deliverySettings: settings, switches } = context;
  const createdAtMs = context.clock.nowMs();
  const timestamp = Math.floor(createdAtMs / 1000);
  const isDropped = settings.dropNext > 0;
  if (isDropped) settings.dropNext -= 1;
  const envelope = {
    created_at: stampOf(timestamp * 1000),
    created_by: uriOf(context, 'users', hook.creator),
    event: name,
    payload,
  };
  return {
    id: randomUUID(),
    subscription: hook.uuid,
    event: name,
    body: serializeBody(envelope, switches.bodyEscaping),
    timestamp,
    createdAtMs,
    dueAtMs: createdAtMs + settings.delayMs + Math.floor(Math.random() * settings.jitterMs),
    status: isDropped ? 'dropped' : 'pending',
    attempts: [],
  };
}

function forgetOldest(deliveries: Delivery[]): void {
  while (deliveries.length > DELIVERIES_KEPT) {
    const finished = deliveries.findIndex(({ status }) => status !== 'pending');
    if (finished < 0) return;
    deliveries.splice(finished, 1);
  }
}
