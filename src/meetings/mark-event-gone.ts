import type { Transaction } from 'kysely';
import type { Database } from '../db/database.ts';
import { applyObservation, type MeetingChange } from './apply-observation.ts';
import { eventState, meetingState, type Owner } from './rows.ts';
import type { Timestamp } from './timestamp.ts';

/**
 * A scheduled event that the account cannot see any more counts as canceled, from the moment after its last known change: whatever
 * Calendly says of it later is newer, and counts.
 */
export async function markEventGone(trx: Transaction<Database>, { tenantId, accountUri }: Owner, uri: string): Promise<MeetingChange[]> {
  const row = await trx.selectFrom('scheduled_event').selectAll().where('tenant_id', '=', tenantId).where('account_uri', '=', accountUri)
    .where('uri', '=', uri).executeTakeFirst();
  const event = row && eventState(row);
  if (!event?.part || event.part.status === 'canceled') return [];
  const gone = { uri, part: { ...event.part, status: 'canceled', updatedAt: justAfter(event.part.updatedAt) } };
  const meeting = await trx.selectFrom('meeting').selectAll().where('tenant_id', '=', tenantId).where('account_uri', '=', accountUri)
    .where('event_uri', '=', uri).orderBy('id').limit(1).executeTakeFirst();
  if (meeting === undefined) return [];
  const { changes } = await applyObservation(trx, tenantId, accountUri, { event: gone, meeting: meetingState(meeting) });
  return [...changes];
}

/** A microsecond later. */
function justAfter(timestamp: Timestamp): Timestamp {
  const microseconds = Number(timestamp.slice(20, 26)) + 1;
  if (microseconds < 1_000_000) return `${timestamp.slice(0, 20)}${String(microseconds).padStart(6, '0')}Z` as Timestamp;
  const second = new Date(Date.parse(`${timestamp.slice(0, 19)}Z`) + 1_000).toISOString();
  return `${second.slice(0, 19)}.000000Z` as Timestamp;
}
