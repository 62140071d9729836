import type { Transaction } from 'kysely';
import type { Database } from '../db/database.ts';
import type { MeetingChange } from '../meetings/apply-observation.ts';
import type { Meeting } from '../meetings/meeting.ts';
import { meetingId } from '../meetings/rows.ts';
import { appendHostEvent } from './append-host-event.ts';
import { holdHalf, isOtherHalfToCome, releaseHalf, takeOtherHalf, updateHalf, type HalfType } from './halves.ts';
import type { MeetingData } from './host-event.ts';
import { lockLanes, meetingLane } from './lanes.ts';
import { formerFields, meetingEventTypes } from './meeting-event-types.ts';

export interface RecordedChanges {
  tenantId: string;
  accountUri: string;
  at: Date;
  /** Who brought them. */
  source: Meeting['source'];
  changes: readonly MeetingChange[];
}

/**
 * Tells the host of changed meetings, in the transaction that changed them. Once per transaction and as its last lock: all
 * its changes at once. Whoever repeats what is known changes nothing, and so tells nothing.
 */
export async function recordMeetingChanges(trx: Transaction<Database>,
  { tenantId, accountUri, at, source, changes }: RecordedChanges): Promise<void> {
  const told = changes.map((change) => ({ ...change, types: meetingEventTypes(change.before, change.after) }))
    .filter(({ types }) => types.length > 0);
  if (told.length === 0) return;
  const idOf = (inviteeUri: string | null) => (inviteeUri === null ? null : meetingId({ tenantId, accountUri }, inviteeUri));
  const partnersOf = ({ after }: MeetingChange) => [idOf(after.rescheduledFrom), idOf(after.rescheduledTo)].filter((id) => id !== null);
  const ids = told.flatMap((change) => [change.after.id, ...partnersOf(change)]);
  // The other half may name this meeting without being named by it.
  const named = await trx.selectFrom('host_event_half').select('meeting_id').where('partner_id', 'in', ids).execute();
  await lockLanes(trx, [...ids, ...named.map((half) => half.meeting_id)].map(meetingLane));

  for (const [index, { before, after, types }] of told.entries()) {
    const later = new Set(told.slice(index + 1).map((change) => change.after.id));
    for (const type of types) {
      const data: MeetingData = { ...after, changeSource: source, accountUri };
      const tell = (told: { type: Parameters<typeof appendHostEvent>[1]['type']; data: MeetingData; lanes?: string[] }) =>
        appendHostEvent(trx, { at, tenantId, lanes: [meetingLane(after.id)], ...told });
      if (type === 'meeting.updated') {
        if (await updateHalf(trx, after.id, data)) continue;
        await tell({ type, data: { ...data, previous: formerFields(before!, after) } });
        continue;
      }
      // What comes next would overtake a half that is still kept back.
      await releaseHalf(trx, after.id);
      if (type === 'meeting.no_show') {
        await tell({ type, data });
        continue;
      }
      const partnerId = idOf(PARTNER[type](after));
      const other = await takeOtherHalf(trx, { meetingId: after.id, partnerId, type });
      if (other !== undefined) {
        const [moved, former] = type === 'meeting.created' ? [data, other] : [other, data];
        const { changeSource: _source, accountUri: _account, ...previous } = former;
        await tell({
          type: 'meeting.rescheduled', data: { ...moved, changeSource: source, accountUri, previous }, lanes: [former.id, moved.id].map(meetingLane),
        });
      } else if (partnerId !== null && (later.has(partnerId) || (await isOtherHalfToCome(trx, partnerId, type)))) {
        await holdHalf(trx, { meetingId: after.id, partnerId, tenantId, type, data, at });
      } else {
        await tell({ type, data });
      }
    }
  }
}

/** Where a half says that its other half is. */
const PARTNER: Record<HalfType, (meeting: Meeting) => string | null> = {
  'meeting.created': ({ rescheduledFrom }) => rescheduledFrom,
  'meeting.canceled': ({ rescheduledTo }) => rescheduledTo,
};
