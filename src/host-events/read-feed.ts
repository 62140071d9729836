import { sql, type Kysely } from 'kysely';
import type { Database } from '../db/database.ts';
import { ProblemError } from '../errors.ts';
import type { HostEvent, HostEventType } from './host-event.ts';

export interface FeedFilter {
  tenantId?: string | undefined;
  types?: readonly HostEventType[] | undefined;
}

export interface FeedPage {
  items: { position: number; event: HostEvent }[];
  /** Where to go on. All events up to here were read, or do not fit the filter. */
  through: number;
  hasMore: boolean;
}

/** The position of the last event in the feed. */
export async function feedEnd(db: Kysely<Database>): Promise<number> {
  return (await db.selectFrom('host_event_feed').select('last_position').executeTakeFirstOrThrow()).last_position;
}

/** The most rows that are read for one page. So a filter that fits few of them costs no more than any other. */
const MOST_LOOKED_THROUGH = 5_000;

/**
 * Events after a position, oldest first. `after` null: from the oldest one that is stored. Throws `events_gone` if events after the
 * reader's position were deleted, or if the database is an older copy. It is one statement, so it sees one state of the database: events
 * that are deleted meanwhile are all there, or known to be deleted.
 */
export async function readFeed(
  db: Kysely<Database>,
  after: number | null,
  limit: number,
  { tenantId, types }: FeedFilter,
): Promise<FeedPage> {
  const looked = types === undefined ? limit + 1 : MOST_LOOKED_THROUGH;
  const ofTenant = tenantId === undefined ? sql`` : sql`and tenant_id = ${tenantId}`;
  const {
    rows: [read],
  } = await sql<{ last: number; pruned: number; looked: number; end: number | null; items: FeedPage['items'] }>`
    with looked as materialized (select position, type, id from host_event
      where position > ${after ?? 0} ${ofTenant} order by position limit ${looked}),
    fitting as (select position, id from looked ${types === undefined ? sql`` : sql`where type = any(${types})`}
      order by position limit ${limit + 1})
    select last_position as last, pruned_through as pruned,
      (select count(*) from looked) as looked, (select max(position) from looked) as end,
      (select coalesce(json_agg(json_build_object('position', position, 'event', body) order by position), '[]')
        from fitting join host_event using (id, position)) as items
    from host_event_feed`.execute(db);
  const { last, pruned, looked: count, end, items } = read!;
  if (after !== null && (after > last || after < pruned))
    throw new ProblemError(
      'events_gone',
      'Read the feed again without a cursor, and read the meetings of each tenant.',
    );
  if (items.length > limit) return { items: items.slice(0, limit), through: items[limit - 1]!.position, hasMore: true };
  // The limit of rows was reached. Further events may fit the filter.
  if (count === looked) return { items, through: end!, hasMore: true };
  return { items, through: Math.max(end ?? 0, last), hasMore: false };
}
