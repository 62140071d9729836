import type { EventPart } from './observation.ts';
import { readObject, readOpenObject, readText, readUri, type JsonObject } from './read-json.ts';
import { EARLIEST, parseTimestamp } from './timestamp.ts';

/** A scheduled event as deliveries and `GET /scheduled_events` show it. Only what is there is read; more is no harm. */
export function readEvent(event: JsonObject): EventPart {
  return {
    updatedAt: parseTimestamp(event['updated_at']) ?? parseTimestamp(event['created_at']) ?? EARLIEST,
    status: readText(event['status']),
    name: readText(event['name']),
    eventType: readText(event['event_type']),
    startTime: parseTimestamp(event['start_time']),
    endTime: parseTimestamp(event['end_time']),
    location: readOpenObject(event['location']),
  };
}

/** The users who host it; empty where the payload does not say (deliveries of early versions). */
export function readHosts(event: JsonObject): string[] {
  const memberships = event['event_memberships'];
  if (!Array.isArray(memberships)) return [];
  return memberships.map((membership) => readUri(readObject(membership)?.['user'])).filter((user) => user !== null);
}
