import { EARLIEST, parseTimestamp, timestampOf, type Timestamp } from './timestamp.ts';

const LONGEST_LAG_MS = 2_000;

/**
 * When a no-show was removed. `invitee_no_show.deleted` carries no time of its own, so two other times decide:
 *
 * - The envelope's `created_at` follows the change by 0.06–1.2 s, but is cut to the second: of a mark at 12:00:05.4 that
 *   was taken back at 12:00:05.9 it says 12:00:05, which is before the mark. So the end of that second counts: taking a
 *   mark back within a second of making it is more likely than making it again within a second of taking it back.
 * - If the invitee's `updated_at` lies within that lag of the envelope, it was this change that moved it, and it has
 *   microseconds. Otherwise it is the time of some earlier change and says nothing.
 */
export function timeOfRemoval(envelopeCreatedAt: unknown, inviteeUpdatedAt: unknown): Timestamp {
  const sent = parseTimestamp(envelopeCreatedAt);
  const updated = parseTimestamp(inviteeUpdatedAt);
  if (sent === null) return updated ?? EARLIEST;
  const endOfSecond = sent.endsWith('.000000Z') ? (sent.replace('.000000Z', '.999999Z') as Timestamp) : sent;
  const earliest = timestampOf(new Date(Date.parse(sent) - LONGEST_LAG_MS));
  return updated !== null && updated >= earliest && updated <= endOfSecond ? updated : endOfSecond;
}
