import { sql, type Selectable, type Transaction } from 'kysely';
import type { Database } from '../db/database.ts';
import { eventKey } from './event-locks.ts';
import type { EventState, MeetingState } from './observation.ts';
import { eventState, meetingState, type Owner } from './rows.ts';

type OwnedEvent = Readonly<{ owner: Owner; event: { uri: string } }>;

const asJson = (events: readonly OwnedEvent[]): string => {
  const distinct = new Map(
    events.map(({ owner, event }) => [
      eventKey(owner, event.uri),
      { t: owner.tenantId, a: owner.accountUri, u: event.uri },
    ]),
  );
  return JSON.stringify([...distinct.values()]);
};
const ownerOf = (row: { tenant_id: string; account_uri: string }): Owner => ({
  tenantId: row.tenant_id,
  accountUri: row.account_uri,
});

/** The stored states of events of any number of accounts, by their keys. */
export async function readEvents(
  trx: Transaction<Database>,
  events: readonly OwnedEvent[],
): Promise<Map<string, EventState>> {
  const { rows } = await sql<Selectable<Database['scheduled_event']>>`
    select event.* from jsonb_to_recordset(${asJson(events)}::jsonb) as wanted (t text, a text, u text)
    join scheduled_event as event on event.tenant_id = wanted.t and event.account_uri = wanted.a and event.uri = wanted.u`.execute(
    trx,
  );
  return new Map(rows.map((row) => [eventKey(ownerOf(row), row.uri), eventState(row)]));
}

/**
 * The stored meetings with these ids, and all meetings of these events, by their ids. With `limit`, PostgreSQL looks for each id in the index;
 * with a join it reads the whole table as long as that has no more than some ten thousand rows.
 */
export async function readMeetings(
  trx: Transaction<Database>,
  { ids, ofEvents }: { ids: readonly string[]; ofEvents: readonly OwnedEvent[] },
): Promise<Map<string, { owner: Owner; key: string; state: MeetingState }>> {
  const { rows } = await sql<Selectable<Database['meeting']>>`
    select meeting.* from unnest(${[...new Set(ids)]}::uuid[]) as wanted (id)
      cross join lateral (select * from meeting where meeting.id = wanted.id limit 1) as meeting
    union all
    select meeting.* from jsonb_to_recordset(${asJson(ofEvents)}::jsonb) as wanted (t text, a text, u text)
    join meeting on meeting.tenant_id = wanted.t and meeting.account_uri = wanted.a and meeting.event_uri = wanted.u`.execute(
    trx,
  );
  return new Map(
    rows.map((row) => {
      const owner = ownerOf(row);
      return [row.id, { owner, key: eventKey(owner, row.event_uri), state: meetingState(row) }];
    }),
  );
}
