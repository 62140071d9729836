import { sql, type Kysely } from 'kysely';
import Type from 'typebox';
import type { Database } from '../db/database.ts';
import { decodeCursor } from '../paging/cursor.ts';
import { toPage, type Page } from '../paging/to-page.ts';
import { ProblemError } from '../errors.ts';
import { eventColumn, eventOfMeeting } from './event-of-meeting.ts';
import { showMeeting, type Meeting } from './meeting.ts';
import { eventState, meetingState } from './rows.ts';
import { parseTimestamp } from './timestamp.ts';

export type MeetingFilter = {
  status?: 'active' | 'canceled' | undefined;
  /** RFC 3339; only meetings with from ≤ startTime < to. */
  from?: string | undefined;
  to?: string | undefined;
  limit: number;
  cursor?: string | undefined;
};

/** Meetings with an unknown start come last, because '' is before any time. */
const Position = Type.Tuple([
  Type.String({ pattern: '^[0-9TZ:.-]{0,40}$' }),
  Type.String({ pattern: '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$' }),
]);

/**
 * The meetings of the account that the tenant is connected to now. Those of a former account stay stored and are not shown.
 * A page is read from an index in the index's order. Only then are its events looked up.
 */
export async function listMeetings(
  db: Kysely<Database>,
  tenantId: string,
  filter: MeetingFilter,
): Promise<Page<Meeting>> {
  const rows = await meetingsPage(db, tenantId, filter).execute();
  return toPage(
    rows,
    filter.limit,
    (row) => showMeeting(row.id, eventState(row.event), meetingState(row)),
    (row) => [row.listed_start, row.id],
  );
}

/** Gives one row more than the page holds. */
export function meetingsPage(db: Kysely<Database>, tenantId: string, filter: MeetingFilter) {
  let page = db
    .selectFrom('meeting')
    .selectAll()
    .where('tenant_id', '=', tenantId)
    // A subquery instead of a join, so that PostgreSQL reads one account's part of the index in order.
    .where('account_uri', '=', (eb) =>
      eb
        .selectFrom('connection')
        .select(sql<string>`account_uri`.as('account_uri'))
        .where('tenant_id', '=', tenantId),
    );
  if (filter.status !== undefined) page = page.where('listed_canceled', '=', filter.status === 'canceled');
  if (filter.from !== undefined) page = page.where('listed_start', '>=', timeOf('from', filter.from));
  // An unknown start matches no limit.
  if (filter.to !== undefined)
    page = page.where('listed_start', '<', timeOf('to', filter.to)).where('listed_start', '>', '');
  if (filter.cursor !== undefined) {
    const [startTime, id] = decodeCursor(Position, filter.cursor);
    page = page.where(sql<boolean>`(listed_start, id) < (${startTime}, ${id}::uuid)`);
  }
  page = page
    .orderBy('listed_start', 'desc')
    .orderBy('id', 'desc')
    .limit(filter.limit + 1);

  return db
    .selectFrom(page.as('meeting'))
    .innerJoin('scheduled_event as event', (join) => join.on(eventOfMeeting))
    .select(eventColumn)
    .selectAll('meeting')
    .orderBy('meeting.listed_start', 'desc')
    .orderBy('meeting.id', 'desc');
}

function timeOf(name: 'from' | 'to', text: string): string {
  const timestamp = parseTimestamp(text);
  if (timestamp === null)
    throw new ProblemError(
      'request_invalid',
      `${name} must be an RFC 3339 time with an offset, such as 2026-03-01T09:30:00Z.`,
    );
  return timestamp;
}
