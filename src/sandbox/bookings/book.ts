import { requireAccount } from '../accounts.ts';
import { stampOf } from '../clock.ts';
import type { SandboxContext } from '../context.ts';
import { ControlError } from '../controls/control-error.ts';
import { announce } from '../deliveries/announce.ts';
import { newId } from '../new-id.ts';
import type { CalendarEvent, Invitee, Location, ScheduledEvent } from '../state.ts';
import { calendarOf, newCalendarId } from './calendar.ts';
import { conferenceLocation, locationOf } from './location.ts';
import { findEvent } from './find.ts';
import { nextFreeStart } from './slots.ts';

export interface NewBooking {
  /** Slug or uuid of the host. */
  account: string;
  name: string;
  firstName?: string;
  lastName?: string;
  email: string;
  /** Missing: the next free slot. A time in the past is allowed, because a back-fill has to find those meetings, too. */
  startTime?: string | Date;
  durationMinutes?: number;
  /** The invitee's. Missing: the host's. */
  timezone?: string;
  eventName?: string;
  /** Missing: Google Meet. null: none. `{"type":"zoom"}`: a whole Zoom meeting. */
  location?: Location | null;
  inviteesLimit?: number;
  /** URI of an existing event that the invitee joins. */
  group?: string;
  /** The entry in the host's calendar. Missing: a new one. */
  calendarEvent?: CalendarEvent;
  schedulingMethod?: Invitee['schedulingMethod'];
  /** Slug or uuid of the user who booked for the invitee. */
  scheduledBy?: string;
}

/** Books and announces the booking. The caller saves, because a reschedule is one change with two announcements. */
export function book(context: SandboxContext, booking: NewBooking, oldInvitee: Invitee | null = null): Invitee {
  const event = booking.group === undefined ? createEvent(context, booking) : joinEvent(context, booking.group);
  const at = context.clock.stamp();
  const invitee: Invitee = {
    uuid: newId(context),
    event: event.uuid,
    name: booking.name,
    firstName: booking.firstName ?? null,
    lastName: booking.lastName ?? null,
    email: booking.email,
    timezone: booking.timezone ?? requireAccount(context, event.host).timezone,
    status: 'active',
    rescheduled: false,
    oldInvitee: oldInvitee?.uuid ?? null,
    newInvitee: null,
    noShow: null,
    cancellation: null,
    scheduledBy: booking.scheduledBy === undefined ? null : requireAccount(context, booking.scheduledBy).uuid,
    schedulingMethod: booking.schedulingMethod ?? null,
    createdAt: at,
    updatedAt: at,
  };
  context.state.invitees.push(invitee);
  if (oldInvitee) oldInvitee.newInvitee = invitee.uuid;
  else announce(context, 'invitee.created', invitee);
  return invitee;
}

function createEvent(context: SandboxContext, booking: NewBooking): ScheduledEvent {
  const host = requireAccount(context, booking.account);
  const minutes = booking.durationMinutes ?? 30;
  const startMs =
    booking.startTime === undefined ? nextFreeStart(context, host.uuid) : new Date(booking.startTime).getTime();
  if (!(minutes > 0)) throw new ControlError(400, 'A meeting takes some minutes.');
  if (Number.isNaN(startMs)) throw new ControlError(400, `"${String(booking.startTime)}" is not a time.`);
  const uuid = newId(context);
  const at = context.clock.stamp();
  const isConference = booking.location === undefined;
  const event: ScheduledEvent = {
    uuid,
    host: host.uuid,
    organization: host.organization,
    eventType: host.eventType,
    name: booking.eventName ?? `${minutes} Minute Meeting`,
    startTime: stampOf(startMs),
    endTime: stampOf(startMs + minutes * 60_000),
    location: booking.location === undefined ? conferenceLocation(context, uuid) : locationOf(booking.location),
    locationReadyAtMs: isConference ? context.clock.nowMs() + context.switches.locationReadySeconds * 1000 : null,
    inviteesLimit: booking.inviteesLimit ?? 1,
    status: 'active',
    cancellation: null,
    calendarEvent: booking.calendarEvent ?? { externalId: newCalendarId(host), kind: calendarOf(host) },
    createdAt: at,
    updatedAt: at,
  };
  context.state.events.push(event);
  return event;
}

function joinEvent(context: SandboxContext, uri: string): ScheduledEvent {
  const event = findEvent(context, uri);
  if (event.status === 'canceled') throw new ControlError(409, 'The event is canceled.');
  const invitees = context.state.invitees.filter((invitee) => invitee.event === event.uuid).length;
  event.inviteesLimit = Math.max(event.inviteesLimit, invitees + 1);
  event.updatedAt = context.clock.stamp();
  return event;
}
