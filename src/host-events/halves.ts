import { sql, type Kysely, type Transaction } from 'kysely';
import type { Database } from '../db/database.ts';
import { appendHostEvent } from './append-host-event.ts';
import type { MeetingData } from './host-event.ts';
import { lockLanes, meetingLane } from './lanes.ts';

/** A reschedule comes as two deliveries: the old meeting canceled, the new one created, in either order. */
export type HalfType = 'meeting.created' | 'meeting.canceled';

/** Keeps a half back until its other half comes, or the window is over. Its lane and its partner's are locked. */
export async function holdHalf(trx: Transaction<Database>, { meetingId, partnerId, tenantId, type, data, at }:
  { meetingId: string; partnerId: string; tenantId: string; type: HalfType; data: MeetingData; at: Date }): Promise<void> {
  await trx.insertInto('host_event_half')
    .values({ meeting_id: meetingId, partner_id: partnerId, tenant_id: tenantId, type, data: JSON.stringify(data), held_at: at }).execute();
}

/** The half that belongs to this one, whichever of the two names the other; it is kept back no longer. */
export async function takeOtherHalf(trx: Transaction<Database>, { meetingId, partnerId, type }:
  { meetingId: string; partnerId: string | null; type: HalfType }): Promise<MeetingData | undefined> {
  const opposite: HalfType = type === 'meeting.created' ? 'meeting.canceled' : 'meeting.created';
  const row = await trx.deleteFrom('host_event_half').where('type', '=', opposite)
    .where(({ or, eb }) => or([eb('partner_id', '=', meetingId), ...(partnerId === null ? [] : [eb('meeting_id', '=', partnerId)])]))
    .returning('data').executeTakeFirst();
  return row?.data as MeetingData | undefined;
}

/**
 * False once the other half has been told of by itself: of a cancellation, the new meeting is known; of a booking, the old
 * one is known to be canceled. There is nothing to wait for then.
 */
export async function isOtherHalfToCome(trx: Transaction<Database>, partnerId: string, type: HalfType): Promise<boolean> {
  const partner = await trx.selectFrom('meeting')
    .innerJoin('scheduled_event as event', (join) => join.onRef('event.tenant_id', '=', 'meeting.tenant_id')
      .onRef('event.account_uri', '=', 'meeting.account_uri').onRef('event.uri', '=', 'meeting.event_uri'))
    .select(sql<boolean>`meeting.canceled or coalesce(event.status, '') = 'canceled'`.as('canceled'))
    .where('meeting.id', '=', partnerId).executeTakeFirst();
  if (partner === undefined) return true;
  return type === 'meeting.created' && !partner.canceled;
}

/** A half that is kept back tells the meeting as it is when it goes out. False: none is. */
export async function updateHalf(trx: Transaction<Database>, meetingId: string, data: MeetingData): Promise<boolean> {
  const { numUpdatedRows } = await trx.updateTable('host_event_half').set({ data: JSON.stringify(data) })
    .where('meeting_id', '=', meetingId).executeTakeFirstOrThrow();
  return numUpdatedRows > 0n;
}

/** Tells a half as what it is by itself: a booking, or a cancellation. False: there is none, or none held since before `heldBefore`. */
export async function releaseHalf(trx: Transaction<Database>, meetingId: string, heldBefore?: Date): Promise<boolean> {
  let query = trx.deleteFrom('host_event_half').where('meeting_id', '=', meetingId);
  if (heldBefore !== undefined) query = query.where('held_at', '<=', heldBefore);
  const half = await query.returningAll().executeTakeFirst();
  if (half === undefined) return false;
  const data = half.data as unknown as MeetingData;
  await appendHostEvent(trx, { type: half.type as HalfType, at: half.held_at, tenantId: half.tenant_id, lanes: [meetingLane(meetingId)], data });
  return true;
}

/** Lets halves go whose other half did not come in time, each in a transaction of its own. Returns how many. */
export async function releaseDueHalves(db: Kysely<Database>, heldBefore: Date, limit = 100): Promise<number> {
  const due = await db.selectFrom('host_event_half').select(['meeting_id', 'partner_id']).where('held_at', '<=', heldBefore)
    .orderBy('held_at').limit(limit).execute();
  let released = 0;
  for (const half of due) {
    released += await db.transaction().execute(async (trx) => {
      await lockLanes(trx, [half.meeting_id, half.partner_id].map(meetingLane));
      // Its other half may have come while we waited for the lock.
      return (await releaseHalf(trx, half.meeting_id, heldBefore)) ? 1 : 0;
    });
  }
  return released;
}
