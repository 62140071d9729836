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
  /** Where to go on; everything up to here has been read, or is filtered out. */
  through: number;
  hasMore: boolean;
}

/** Where the feed ends now. */
export async function feedEnd(db: Kysely<Database>): Promise<number> {
  return (await db.selectFrom('host_event_feed').select('last_position').executeTakeFirstOrThrow()).last_position;
}

/** Rows that are looked through for one page at most: a filter that fits few of them costs no more than any other. */
const MOST_LOOKED_THROUGH = 5_000;

/**
 * Events after a place, oldest first. `after` null: from the oldest one that is kept, which loses no place.
 * Throws `events_gone` where what follows the reader's place is not whole any more: it was kept for a long time, or the database is an
 * older one. One statement, and
 * so one view of the database: what is deleted meanwhile is there as a whole, or known to be gone.
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
  // No more than this was looked through; what fits may come further on.
  if (count === looked) return { items, through: end!, hasMore: true };
  return { items, through: Math.max(end ?? 0, last), hasMore: false };
}
