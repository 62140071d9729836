import type { Transaction } from 'kysely';
import type { Database } from '../db/database.ts';
import { applyObservations, type MeetingChange } from './apply-observations.ts';
import { eventKey, lockEvents } from './event-locks.ts';
import { eventState, meetingState, type Owner } from './rows.ts';
import { justAfter } from './timestamp.ts';

/**
 * Marks a scheduled event that the account cannot see any more as canceled, just after its last known change. So anything that Calendly
 * says about it later is newer and counts.
 */
export async function markEventGone(
  trx: Transaction<Database>,
  { tenantId, accountUri }: Owner,
  uri: string,
): Promise<MeetingChange[]> {
  // Lock before reading, so that no delivery changes the rows between this read and the write.
  await lockEvents(trx, [eventKey({ tenantId, accountUri }, uri)]);
  const row = await trx
    .selectFrom('scheduled_event')
    .selectAll()
    .where('tenant_id', '=', tenantId)
    .where('account_uri', '=', accountUri)
    .where('uri', '=', uri)
    .executeTakeFirst();
  const event = row && eventState(row);
  if (!event?.part || event.part.status === 'canceled') return [];
  const gone = { uri, part: { ...event.part, status: 'canceled', updatedAt: justAfter(event.part.updatedAt) } };
  const meeting = await trx
    .selectFrom('meeting')
    .selectAll()
    .where('tenant_id', '=', tenantId)
    .where('account_uri', '=', accountUri)
    .where('event_uri', '=', uri)
    .orderBy('id')
    .limit(1)
    .executeTakeFirst();
  if (meeting === undefined) return [];
  const { changes } = await applyObservations(trx, { tenantId, accountUri }, [
    { event: gone, meeting: meetingState(meeting) },
  ]);
  return [...changes];
}
