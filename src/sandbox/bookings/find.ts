import type { SandboxContext } from '../context.ts';
import { ControlError } from '../controls/control-error.ts';
import type { Invitee, ScheduledEvent } from '../state.ts';
import { inviteeUuidIn, uuidIn } from '../uris.ts';

/** Finds an event by its URI or uuid. */
export function findEvent(context: SandboxContext, name: string): ScheduledEvent {
  const uuid = uuidIn('scheduled_events', name) ?? name;
  const event = context.state.events.find((known) => known.uuid === uuid);
  if (!event) throw new ControlError(404, `There is no scheduled event "${name}".`);
  return event;
}

/** Finds an invitee by its URI or uuid. */
export function findInvitee(context: SandboxContext, name: string): Invitee {
  const uuid = inviteeUuidIn(name) ?? name;
  const invitee = context.state.invitees.find((known) => known.uuid === uuid);
  if (!invitee) throw new ControlError(404, `There is no invitee "${name}".`);
  return invitee;
}

export function activeInvitees(context: SandboxContext, event: ScheduledEvent): Invitee[] {
  return context.state.invitees.filter((invitee) => invitee.event === event.uuid && invitee.status === 'active');
}
