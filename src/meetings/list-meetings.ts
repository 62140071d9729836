import { sql, type Kysely } from 'kysely';
import Type from 'typebox';
import type { Database } from '../db/database.ts';
import { decodeCursor } from '../http/cursor.ts';
import { toPage, type Page } from '../http/page.ts';
import { TimeFilterError } from './time-filter-error.ts';
import { showMeeting, type Meeting } from './meeting.ts';
import { eventState, meetingState } from './rows.ts';
import { parseTimestamp } from './timestamp.ts';

export type MeetingFilter = {
  status?: 'active' | 'canceled' | undefined;
  /** RFC 3339; from ≤ startTime < to. */
  from?: string | undefined;
  to?: string | undefined;
  limit: number;
  cursor?: string | undefined;
};

/** A meeting whose start is not known comes last: '' is before any time. */
const Position = Type.Tuple([Type.String({ pattern: '^[0-9TZ:.-]{0,40}$' }), Type.String({ pattern: '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$' })]);

/** The meetings of the account that the tenant is connected to now: those of a former one stay stored and are not shown. */
export async function listMeetings(db: Kysely<Database>, tenantId: string, filter: MeetingFilter): Promise<Page<Meeting>> {
  const start = sql<string>`coalesce(event.start_time, '')`;
  const canceled = sql<boolean>`(meeting.canceled or coalesce(event.status, '') = 'canceled')`;
  let query = db
    .selectFrom('connection')
    .innerJoin('scheduled_event as event', (join) =>
      join.onRef('event.tenant_id', '=', 'connection.tenant_id').onRef('event.account_uri', '=', 'connection.account_uri'))
    .innerJoin('meeting', (join) =>
      join
        .onRef('meeting.tenant_id', '=', 'event.tenant_id')
        .onRef('meeting.account_uri', '=', 'event.account_uri')
        .onRef('meeting.event_uri', '=', 'event.uri'))
    .select(sql<Parameters<typeof eventState>[0]>`to_jsonb(event)`.as('event'))
    .selectAll('meeting')
    .where('connection.tenant_id', '=', tenantId);

  if (filter.status !== undefined) query = query.where(canceled, '=', filter.status === 'canceled');
  if (filter.from !== undefined) query = query.where('event.start_time', '>=', timeOf('from', filter.from));
  if (filter.to !== undefined) query = query.where('event.start_time', '<', timeOf('to', filter.to));
  if (filter.cursor !== undefined) {
    const [startTime, id] = decodeCursor(Position, filter.cursor);
    query = query.where(sql<boolean>`(${start}, meeting.id) < (${startTime}, ${id}::uuid)`);
  }

  const rows = await query.orderBy(start, 'desc').orderBy('meeting.id', 'desc').limit(filter.limit + 1).execute();
  return toPage(
    rows,
    filter.limit,
    (row) => showMeeting(row.id, eventState(row.event), meetingState(row)),
    (row) => [row.event.start_time ?? '', row.id],
  );
}

function timeOf(name: 'from' | 'to', text: string): string {
  const timestamp = parseTimestamp(text);
  if (timestamp === null) throw new TimeFilterError(name);
  return timestamp;
}
