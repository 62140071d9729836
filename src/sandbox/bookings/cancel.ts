import { requireAccount } from '../accounts.ts';
import type { SandboxContext } from '../context.ts';
import { ControlError } from '../controls/control-error.ts';
import { announce } from '../deliveries/announce.ts';
import type { Cancellation, Invitee, ScheduledEvent } from '../state.ts';
import { activeInvitees } from './find.ts';
import { refreshLocation } from './location.ts';

export interface CancelBy {
  by: Cancellation['canceler_type'];
  reason?: string;
}

/** The host cancels the whole event. Every invitee is canceled, each with a delivery of its own. */
export function cancelEvent(context: SandboxContext, event: ScheduledEvent, { by, reason }: CancelBy): Cancellation {
  if (event.status === 'canceled') throw new ControlError(409, 'The event is already canceled.');
  const invitees = activeInvitees(context, event);
  const canceledBy = by === 'host' ? requireAccount(context, event.host).name : (invitees[0]?.name ?? '');
  const cancellation = makeCancellation(context, canceledBy, by, reason);
  endEvent(context, event, cancellation);
  for (const invitee of invitees) endInvitee(context, invitee, cancellation);
  for (const invitee of invitees) announce(context, 'invitee.canceled', invitee);
  return cancellation;
}

/**
 * Cancels one invitee; with the last invitee, the event is canceled, too. It is not announced here, because a reschedule sets more before.
 */
export function cancelInvitee(context: SandboxContext, invitee: Invitee, { by, reason }: CancelBy): void {
  if (invitee.status === 'canceled') throw new ControlError(409, 'The invitee is already canceled.');
  const event = context.state.events.find(({ uuid }) => uuid === invitee.event)!;
  const canceledBy = by === 'host' ? requireAccount(context, event.host).name : invitee.name;
  const cancellation = makeCancellation(context, canceledBy, by, reason);
  endInvitee(context, invitee, cancellation);
  if (activeInvitees(context, event).length === 0) endEvent(context, event, cancellation);
}

function makeCancellation(
  context: SandboxContext,
  canceledBy: string,
  by: Cancellation['canceler_type'],
  reason = '',
): Cancellation {
  return { canceled_by: canceledBy, canceler_type: by, created_at: context.clock.stamp(), reason };
}

function endEvent(context: SandboxContext, event: ScheduledEvent, cancellation: Cancellation): void {
  refreshLocation(context, event);
  // The conference of a canceled event is not waited for any more.
  event.locationReadyAtMs = null;
  event.status = 'canceled';
  event.cancellation = { ...cancellation };
  event.updatedAt = context.clock.stamp();
}

function endInvitee(context: SandboxContext, invitee: Invitee, cancellation: Cancellation): void {
  invitee.status = 'canceled';
  invitee.cancellation = { ...cancellation };
  invitee.updatedAt = context.clock.stamp();
}
