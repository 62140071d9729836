import type { SandboxContext } from '../context.ts';
import type { Invitee, ScheduledEvent } from '../state.ts';
import { notFound, permissionDenied } from './api-error.ts';
import type { Requester } from './authenticate.ts';
import { isAdministrator } from './permissions.ts';

/** The event, if this requester hosts it or administers the organization that it was booked in. */
export function visibleEvent(
  context: SandboxContext,
  requester: Requester,
  uuid: string,
  refusal = 'You are not allowed to view this event',
): ScheduledEvent {
  const event = context.state.events.find((known) => known.uuid === uuid);
  if (!event) throw notFound();
  const governs = isAdministrator(requester) && event.organization === requester.account.organization;
  if (event.host !== requester.account.uuid && !governs) throw permissionDenied(refusal);
  return event;
}

export function visibleInvitee(context: SandboxContext, requester: Requester, uuid: string | null): Invitee {
  const invitee = context.state.invitees.find((known) => known.uuid === uuid);
  if (!invitee) throw notFound();
  visibleEvent(context, requester, invitee.event);
  return invitee;
}
