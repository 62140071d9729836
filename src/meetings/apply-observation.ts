import { sql, type Transaction } from 'kysely';
import type { Database } from '../db/database.ts';
import { canonicalJson } from './canonical-json.ts';
import { showMeeting } from './meeting.ts';
import { mergeEvent, mergeMeeting } from './merge.ts';
import type { Observation } from './observation.ts';
import { eventRow, eventState, meetingId, meetingRow, meetingState, type Owner } from './rows.ts';

export type AppliedObservation = Readonly<{
  meetingId: string;
  /** Nobody had brought this meeting before. */
  isNew: boolean;
  /** What is shown of the meeting is not what it was; a new one counts. */
  changed: boolean;
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

  const before = knownEvent && knownMeeting && canonicalJson(showMeeting(id, knownEvent, knownMeeting));
  const after = canonicalJson(showMeeting(id, mergedEvent, mergedMeeting));
  return { meetingId: id, isNew: !knownMeeting, changed: before !== after };
}
