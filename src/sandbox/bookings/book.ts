import { randomUUID } from 'node:crypto';
import { requireAccount } from '../accounts.ts';
import { stampOf } from '../clock.ts';
import type { SandboxContext } from '../context.ts';
import { ControlError } from '../control-error.ts';
import { announce } from '../deliveries/announce.ts';
import type { Invitee, Location, ScheduledEvent } from '../state.ts';
import { conferenceLocation } from './location.ts';
import { findEvent } from './find.ts';
import { nextFreeStart } from './slots.ts';

export interface NewBooking {
  /** Slug or uuid of the host. */
  account: string;
  name: string;
  email: string;
  /** The next free slot where it is missing. A time in the past is allowed: a back-fill has to find those too. */
  startTime?: string | Date;
  durationMinutes?: number;
  /** The invitee's; the host's where it is missing. */
  timezone?: string;
  eventName?: string;
  /** Google Meet where it is missing; null for none. */
  location?: Location | null;
  inviteesLimit?: number;
  /** URI of an existing event that the invitee joins. */
  group?: string;
  schedulingMethod?: Invitee['schedulingMethod'];
  /** Slug or uuid of the user who booked for the invitee. */
  scheduledBy?: string;
}

/** Books and announces it. The caller saves: a reschedule is one change with two announcements. */
export function book(context: SandboxContext, booking: NewBooking, oldInvitee: Invitee | null = null): Invitee {
  const event = booking.group === undefined ? createEvent(context, booking) : joinEvent(context, booking.group);
  const at = context.clock.stamp();
  const invitee: Invitee = {
    uuid: randomUUID(),
    event: event.uuid,
    name: booking.name,
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
  const uuid = randomUUID();
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
    location: booking.location === undefined ? conferenceLocation(context, uuid) : booking.location,
    locationReadyAtMs: isConference ? context.clock.nowMs() + context.switches.locationReadySeconds * 1000 : null,
    inviteesLimit: booking.inviteesLimit ?? 1,
    status: 'active',
    cancellation: null,
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
