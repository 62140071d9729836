import { randomBytes } from 'node:crypto';
import type { Account, CalendarEvent, CalendarKind, ScheduledEvent } from '../state.ts';

/** The calendar that the host's events are written to. Accounts of older state files do not name one, and have Google. */
export function calendarOf(host: Account): CalendarKind {
  return host.calendar ?? 'google';
}

/** The id of a new entry in the host's calendar, in the form that this calendar uses. */
export function newCalendarId(host: Account): string {
  return calendarOf(host) === 'google'
    ? randomBytes(16).toString('hex')
    : `AAMk${randomBytes(36).toString('base64url')}=`;
}

/** An event of an older state file has no calendar entry. Its uuid is used instead. */
export function calendarEventOf(event: ScheduledEvent): CalendarEvent {
  return event.calendarEvent ?? { externalId: event.uuid.replaceAll('-', ''), kind: 'google' };
}
