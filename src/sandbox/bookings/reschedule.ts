import type { SandboxContext } from '../context.ts';
import { announce } from '../deliveries/announce.ts';
import type { Invitee } from '../state.ts';
import { book } from './book.ts';
import { calendarEventOf } from './calendar.ts';
import { cancelInvitee, type CancelBy } from './cancel.ts';

export interface NewTime extends Partial<CancelBy> {
  startTime?: string | Date;
}

/** Makes a new event with a new invitee, and cancels the old one. The two deliveries may arrive in either order. */
export function reschedule(context: SandboxContext, invitee: Invitee, time: NewTime): Invitee {
  const oldEvent = context.state.events.find(({ uuid }) => uuid === invitee.event)!;
  cancelInvitee(context, invitee, { by: time.by ?? 'invitee', reason: time.reason ?? '' });
  const isConference = oldEvent.location?.type === 'google_conference';
  const successor = book(
    context,
    {
      account: oldEvent.host,
      name: invitee.name,
      ...(invitee.firstName && { firstName: invitee.firstName }),
      ...(invitee.lastName && { lastName: invitee.lastName }),
      email: invitee.email,
      timezone: invitee.timezone,
      durationMinutes: (Date.parse(oldEvent.endTime) - Date.parse(oldEvent.startTime)) / 60_000,
      eventName: oldEvent.name,
      inviteesLimit: oldEvent.inviteesLimit,
      // The entry in the host's calendar moves to the new event. If a group event still has other invitees, it keeps its entry.
      ...(oldEvent.status === 'canceled' && { calendarEvent: calendarEventOf(oldEvent) }),
      ...(!isConference && { location: structuredClone(oldEvent.location) }),
      ...(time.startTime !== undefined && { startTime: time.startTime }),
    },
    invitee,
  );
  invitee.rescheduled = true;
  announce(context, 'invitee.canceled', invitee);
  announce(context, 'invitee.created', successor);
  return successor;
}
