import { sql, type Transaction } from 'kysely';
import type { Database } from '../db/database.ts';
import { canonicalJson } from './canonical-json.ts';
import { showMeeting, type Meeting } from './meeting.ts';
import { mergeEvent, mergeMeeting } from './merge.ts';
import type { EventState, Observation } from './observation.ts';
import { eventRow, eventState, meetingId, meetingRow, meetingState, type Owner } from './rows.ts';

/** What is shown of one meeting, before and after; null before: nobody had brought it. */
export type MeetingChange = Readonly<{ before: Meeting | null; after: Meeting }>;

export type AppliedObservation = Readonly<{
  meetingId: string;
  /** Nobody had brought this meeting before. */
  isNew: boolean;
  /** What is shown of the meeting is not what it was; a new one counts. */
  changed: boolean;
  /** Every meeting that is shown differently now: this one, and others of its event where that has changed. */
  changes: readonly MeetingChange[];
}>;

/**
 * Merges what was seen into the tenant's and account's rows: read, merge, write under a lock on the scheduled event, which is
 * what its invitees share. Several in one transaction have to come in the order of their event URIs, so that two
 * transactions never wait for each other in a circle.
 */
export async function applyObservation(
  trx: Transaction<Database>,
  tenantId: string,
  accountUri: string,
  observation: Observation,
): Promise<AppliedObservation> {
  const owner: Owner = { tenantId, accountUri };
  const { event, meeting } = observation;
  const id = meetingId(owner, meeting.inviteeUri);
  const lock = JSON.stringify(['scheduled_event', tenantId, accountUri, event.uri]);
  await sql`select pg_advisory_xact_lock(hashtextextended(${lock}, 0))`.execute(trx);

  const knownEventRow = await trx
    .selectFrom('scheduled_event')
    .selectAll()
    .where('tenant_id', '=', tenantId)
    .where('account_uri', '=', accountUri)
    .where('uri', '=', event.uri)
    .executeTakeFirst();
  const knownMeetingRow = await trx.selectFrom('meeting').selectAll().where('id', '=', id).executeTakeFirst();
  const knownEvent = knownEventRow && eventState(knownEventRow);
  const knownMeeting = knownMeetingRow && meetingState(knownMeetingRow);

  const mergedEvent = knownEvent ? mergeEvent(knownEvent, event) : event;
  const mergedMeeting = knownMeeting ? mergeMeeting(knownMeeting, meeting) : meeting;
  if (!knownEvent || canonicalJson(mergedEvent) !== canonicalJson(knownEvent)) {
    const row = eventRow(owner, mergedEvent);
    await trx.insertInto('scheduled_event').values(row)
      .onConflict((conflict) => conflict.columns(['tenant_id', 'account_uri', 'uri']).doUpdateSet(row)).execute();
  }
  if (!knownMeeting || canonicalJson(mergedMeeting) !== canonicalJson(knownMeeting)) {
    const row = meetingRow(owner, mergedMeeting);
    await trx.insertInto('meeting').values(row).onConflict((conflict) => conflict.column('id').doUpdateSet(row)).execute();
  }

  const before = knownEvent && knownMeeting ? showMeeting(id, knownEvent, knownMeeting) : null;
  const own: MeetingChange = { before, after: showMeeting(id, mergedEvent, mergedMeeting) };
  const changed = isChange(own);
  const others = knownEvent ? await changesOfOthers(trx, owner, id, knownEvent, mergedEvent) : [];
  return { meetingId: id, isNew: !knownMeeting, changed, changes: changed ? [own, ...others] : others };
}

/** What an event says of itself (canceled, moved to another room) is shown of all its invitees, whoever's word brought it. */
async function changesOfOthers(trx: Transaction<Database>, { tenantId, accountUri }: Owner, id: string,
  before: EventState, after: EventState): Promise<MeetingChange[]> {
  if (canonicalJson(before) === canonicalJson(after)) return [];
  const rows = await trx.selectFrom('meeting').selectAll().where('tenant_id', '=', tenantId).where('account_uri', '=', accountUri)
    .where('event_uri', '=', after.uri).where('id', '!=', id).orderBy('id').execute();
  return rows.map((row) => {
    const state = meetingState(row);
    return { before: showMeeting(row.id, before, state), after: showMeeting(row.id, after, state) };
  }).filter(isChange);
}

const isChange = ({ before, after }: MeetingChange): boolean => before === null || canonicalJson(before) !== canonicalJson(after);
