import { readObject } from '../meetings/read-json.ts';
import { parseTimestamp } from '../meetings/timestamp.ts';
import { readEnvelope } from './read-envelope.ts';

/** When the invitee booked, by Calendly's clock (`payload.created_at`). Null for anything but a readable `invitee.created`. */
export function bookingTime(rawBody: Buffer): Date | null {
  const envelope = readEnvelope(rawBody);
  if (envelope?.event !== 'invitee.created') return null;
  const createdAt = parseTimestamp(readObject(envelope.json['payload'])?.['created_at']);
  return createdAt === null ? null : new Date(createdAt);
}
