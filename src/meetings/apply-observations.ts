import type { Transaction } from 'kysely';
import type { Database } from '../db/database.ts';
import { canonicalJson } from './canonical-json.ts';
import { eventKey, lockEvents } from './event-locks.ts';
import { showMeeting, type Meeting } from './meeting.ts';
import { isNewsOf, mergeEvent, mergeMeeting } from './merge.ts';
import type { EventState, MeetingState, Observation } from './observation.ts';
import { readEvents, readMeetings } from './read-rows.ts';
import { eventRow, meetingId, meetingRow, type Owner } from './rows.ts';
import { writeRows } from './write-rows.ts';

export type OwnedObservation = Readonly<{ owner: Owner; observation: Observation }>;

/** How one meeting is shown, before and after. `before` is null for a new meeting. */
export type MeetingChange = Readonly<{ before: Meeting | null; after: Meeting }>;

export type AppliedObservation = Readonly<{
  meetingId: string;
  /** The meeting was not stored before. */
  isNew: boolean;
  /** True if the API shows the meeting differently now. True for a new one, too. */
  changed: boolean;
}>;

export type AppliedObservations = Readonly<{
  /** One for each observation, in their order. */
  results: readonly AppliedObservation[];
  /**
   * Every meeting that is shown differently now, in the order of the changes: those that were observed, and others of an event that was
   * canceled or moved. `cause`: the index of the observation that led to it.
   */
  changes: readonly (MeetingChange & { cause: number })[];
}>;

/** Merges observations into one account's rows: waits for the locks of the events, then needs a few statements for any number. */
export async function applyObservations(
  trx: Transaction<Database>,
  owner: Owner,
  observations: readonly Observation[],
): Promise<AppliedObservations> {
  await lockEvents(
    trx,
    observations.map(({ event }) => eventKey(owner, event.uri)),
  );
  return mergeObservations(
    trx,
    observations.map((observation) => ({ owner, observation })),
  );
}

/**
 * The same for any number of accounts. The caller holds the locks of their events. There is one read and one write per table, and the merge
 * happens in memory. Observations are applied one by one, so that every change is told: a booking and its cancellation in one batch are two
 * changes.
 */
export async function mergeObservations(
  trx: Transaction<Database>,
  observed: readonly OwnedObservation[],
): Promise<AppliedObservations> {
  if (observed.length === 0) return { results: [], changes: [] };
  const all = observed.map(({ owner, observation: { event, meeting } }) => ({
    owner,
    event,
    meeting,
    key: eventKey(owner, event.uri),
    id: meetingId(owner, meeting.inviteeUri),
  }));
  const knownEvents = await readEvents(trx, all);
  const mergedEvents = new Map(knownEvents);
  const lastOf = new Map<string, number>();
  for (const [index, { key, event }] of all.entries()) {
    mergedEvents.set(key, mergeInto(mergedEvents.get(key), event, mergeEvent));
    lastOf.set(key, index);
  }
  const moved = all.filter(({ key }) => isShownAnew(knownEvents.get(key), mergedEvents.get(key)!));
  const known = await readMeetings(trx, { ids: all.map(({ id }) => id), ofEvents: moved });

  const events = new Map(knownEvents);
  const meetings = new Map<string, MeetingState>([...known].map(([id, { state }]) => [id, state]));
  /** How the API showed each meeting before. */
  const shown = new Map<string, Meeting>();
  for (const [id, { key, state }] of known) {
    const event = knownEvents.get(key);
    if (event !== undefined) shown.set(id, showMeeting(id, event, state));
  }
  const places = new Map<string, { key: string; owner: Owner }>(
    [...known].map(([id, { key, owner }]) => [id, { key, owner }]),
  );
  const changes: (MeetingChange & { cause: number })[] = [];
  const shownFrom = new Map<string, { event: EventState; meeting: MeetingState }>();
  const show = (id: string, cause: number): boolean => {
    const event = events.get(places.get(id)!.key)!;
    const meeting = meetings.get(id)!;
    const last = shownFrom.get(id);
    // Most are observed once, and nothing came after that.
    if (last?.event === event && last.meeting === meeting) return false;
    shownFrom.set(id, { event, meeting });
    const before = shown.get(id) ?? null;
    const after = showMeeting(id, event, meeting);
    if (before !== null && canonicalJson(before) === canonicalJson(after)) return false;
    shown.set(id, after);
    changes.push({ before, after, cause });
    return true;
  };

  const results = all.map(({ id, key, owner, event, meeting }, index): AppliedObservation => {
    const isNew = !meetings.has(id);
    events.set(key, mergeInto(events.get(key), event, mergeEvent));
    meetings.set(id, mergeInto(meetings.get(id), meeting, mergeMeeting));
    places.set(id, { key, owner });
    return { meetingId: id, isNew, changed: show(id, index) };
  });
  // A change of the event itself (canceled, moved to another room) changes the meetings of all its invitees.
  for (const id of [...meetings.keys()].sort()) {
    const cause = lastOf.get(places.get(id)!.key);
    if (cause !== undefined) show(id, cause);
  }

  const owners = new Map(all.map(({ key, owner }) => [key, owner]));
  await writeRows(
    trx,
    'scheduled_event',
    ['tenant_id', 'account_uri', 'uri'],
    [...mergedEvents]
      .filter(([key, merged]) => !isSame(merged, knownEvents.get(key)))
      .map(([key, merged]) => eventRow(owners.get(key)!, merged)),
  );
  await writeRows(
    trx,
    'meeting',
    ['id'],
    [...meetings]
      .filter(([id, merged]) => !known.has(id) || isNewsOf(known.get(id)!.state, merged))
      .map(([id, merged]) => meetingRow(places.get(id)!.owner, merged)),
  );
  return { results, changes };
}

const isSame = (merged: EventState, known: EventState | undefined): boolean =>
  known !== undefined && canonicalJson(merged) === canonicalJson(known);

function mergeInto<State>(known: State | undefined, seen: State, merge: (one: State, other: State) => State): State {
  return known === undefined ? seen : merge(known, seen);
}

/** True if the event's other invitees may look different now. If only `updated_at` has changed, they cannot. */
function isShownAnew(known: EventState | undefined, merged: EventState): boolean {
  if (known === undefined) return false;
  const shownOf = ({ part }: EventState) =>
    canonicalJson(part && { ...part, updatedAt: null, name: null, eventType: null });
  return shownOf(known) !== shownOf(merged);
}
