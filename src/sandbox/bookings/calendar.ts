import { randomBytes } from 'node:crypto';
import type { Account, CalendarEvent, CalendarKind, ScheduledEvent } from '../state.ts';

/** Which calendar the host's events are written to. Accounts of older state files say nothing: Google. */
export function calendarOf(host: Account): CalendarKind {
  return host.calendar ?? 'google';
}

/** The id of a new entry there, in the form of that calendar. */
export function newCalendarId(host: Account): string {
  return calendarOf(host) === 'google'
    ? randomBytes(16).toString('hex')
    : `AAMk${randomBytes(36).toString('base64url')}=`;
}

/** An event of an older state file has none of its own: its uuid stands in. */
export function calendarEventOf(event: ScheduledEvent): CalendarEvent {
  return event.calendarEvent ?? { externalId: event.uuid.replaceAll('-', ''), kind: 'google' };
}
