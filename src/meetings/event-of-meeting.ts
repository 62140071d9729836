import { sql } from 'kysely';
import type { eventState } from './rows.ts';

/** Joins a meeting with its event: `innerJoin('scheduled_event as event', (join) => join.on(eventOfMeeting))`. */
export const eventOfMeeting = sql<boolean>`(event.tenant_id, event.account_uri, event.uri)
  = (meeting.tenant_id, meeting.account_uri, meeting.event_uri)`;

/** The event's row, as one column of a meeting's row. */
export const eventColumn = sql<Parameters<typeof eventState>[0]>`to_jsonb(event)`.as('event');
