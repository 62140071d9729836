import { sql, type Transaction } from 'kysely';
import type { Database } from '../db/database.ts';
import type { MeetingChange } from '../meetings/apply-observations.ts';
import type { Meeting } from '../meetings/meeting.ts';
import { meetingId } from '../meetings/rows.ts';
import { appendHostEvents, type NewHostEvent } from './append-host-event.ts';
import { readHalves, type HalfType, type HeldHalves } from './reschedule-halves.ts';
import type { MeetingData } from './host-event.ts';
import { lockMeetingLanes, meetingLane } from './lanes.ts';
import { formerFields, meetingEventTypes, type MeetingEventType } from './meeting-event-types.ts';

export interface RecordedChanges {
  tenantId: string;
  accountUri: string;
  at: Date;
  /** Where the changes came from. */
  source: Meeting['source'];
  /** The trace in which they came, where that is not the running one. */
  traceparent?: string | null;
  changes: readonly MeetingChange[];
}

/** One change that the host hears of. */
type Told = Omit<RecordedChanges, 'changes'> &
  MeetingChange & { types: MeetingEventType[]; rescheduledFrom: string | null; rescheduledTo: string | null };

/**
 * Tells the host of changed meetings, in the transaction that changed them. It is called once in a transaction, for all its changes,
 * because it takes the transaction's last lock. It needs a few statements. An observation that changes nothing is not told.
 */
export async function recordMeetingChanges(trx: Transaction<Database>, ...recorded: RecordedChanges[]): Promise<void> {
  const told = recorded.flatMap(toldOf);
  if (told.length === 0) return;
  const touched = told.flatMap((change) =>
    [change.after.id, ...partnerIdsOf(change)].map((id) => ({ tenantId: change.tenantId, meetingId: id })),
  );
  const ids = [...new Set(touched.map((each) => each.meetingId))];
  // Perhaps only one half of a reschedule names the other.
  const named = await sql<{ tenantId: string; meetingId: string }>`
    select tenant_id as "tenantId", meeting_id as "meetingId" from host_event_half where partner_id = any(${ids}::uuid[])`.execute(
    trx,
  );
  await lockMeetingLanes(trx, [...touched, ...named.rows]);

  const halves = await readHalves(trx, ids);
  const partners = await readPartners(trx, told.flatMap(partnerIdsOf));
  const lastPlace = new Map(
    told.flatMap(({ after, types }, place) => types.map((type) => [`${after.id} ${type}`, place])),
  );
  const isStillToCome = (partnerId: string, type: HalfType, place: number): boolean => {
    const otherType: HalfType = type === 'meeting.created' ? 'meeting.canceled' : 'meeting.created';
    if ((lastPlace.get(`${partnerId} ${otherType}`) ?? -1) > place) return true;
    // If the other half has already been told alone, there is nothing to wait for: the new meeting is stored (for a cancellation), or
    // the old meeting is stored as canceled (for a booking).
    const partner = partners.get(partnerId);
    return partner === undefined || (type === 'meeting.created' && !partner.canceled);
  };
  const events = told.flatMap((change, place) =>
    change.types.flatMap((type) =>
      eventsOf(halves, change, type, (partnerId, half) => isStillToCome(partnerId, half, place)),
    ),
  );
  await appendHostEvents(trx, events);
  await halves.save(trx);
}

const partnerIdsOf = ({ rescheduledFrom, rescheduledTo }: Told): string[] =>
  [rescheduledFrom, rescheduledTo].filter((id) => id !== null);

function toldOf({ changes, ...by }: RecordedChanges): Told[] {
  const idOf = (inviteeUri: string | null) => (inviteeUri === null ? null : meetingId(by, inviteeUri));
  return changes
    .map(({ before, after }) => ({
      ...by,
      before,
      after,
      types: meetingEventTypes(before, after),
      rescheduledFrom: idOf(after.rescheduledFrom),
      rescheduledTo: idOf(after.rescheduledTo),
    }))
    .filter(({ types }) => types.length > 0);
}

/** The events to send now because of one change. A half of a reschedule may be held instead. */
function eventsOf(
  halves: HeldHalves,
  change: Told,
  type: MeetingEventType,
  isStillToCome: (partnerId: string, type: HalfType) => boolean,
): NewHostEvent[] {
  const { before, after, at, tenantId, accountUri, source, traceparent } = change;
  const data: MeetingData = { ...after, changeSource: source, accountUri };
  const own = { at, tenantId, traceparent, lanes: [meetingLane(after.id)] };
  if (type === 'meeting.updated') {
    return halves.update(after.id, data)
      ? []
      : [{ ...own, type, data: { ...data, previous: formerFields(before!, after) } }];
  }
  // Send a held half first, or the next event would overtake it.
  const released = halves.release(after.id);
  const first = released === null ? [] : [released];
  if (type === 'meeting.no_show') return [...first, { ...own, type, data }];
  // The id of the other half, as this half names it.
  const partnerId = type === 'meeting.created' ? change.rescheduledFrom : change.rescheduledTo;
  const other = halves.takeOther({ meetingId: after.id, partnerId, type })?.data;
  if (other !== undefined) {
    const [moved, former] = type === 'meeting.created' ? [data, other] : [other, data];
    const { changeSource: _source, accountUri: _account, ...previous } = former;
    return [
      ...first,
      {
        ...own,
        type: 'meeting.rescheduled',
        lanes: [former.id, moved.id].map(meetingLane),
        data: { ...moved, changeSource: source, accountUri, previous },
      },
    ];
  }
  if (partnerId === null || !isStillToCome(partnerId, type)) return [...first, { ...own, type, data }];
  halves.hold({ meetingId: after.id, partnerId, tenantId, type, data, heldAt: at });
  return first;
}

/** Returns which of these meetings are stored, and whether they are canceled. */
async function readPartners(
  trx: Transaction<Database>,
  ids: readonly string[],
): Promise<Map<string, { canceled: boolean }>> {
  if (ids.length === 0) return new Map();
  const { rows } = await sql<{ id: string; canceled: boolean }>`
    select meeting.id, meeting.listed_canceled as canceled from unnest(${[...new Set(ids)]}::uuid[]) as wanted (id)
    join meeting on meeting.id = wanted.id`.execute(trx);
  return new Map(rows.map(({ id, canceled }) => [id, { canceled }]));
}
