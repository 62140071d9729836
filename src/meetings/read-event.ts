import type { EventPart } from './observation.ts';
import { readOpenObject, readText, type JsonObject } from './read-json.ts';
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
