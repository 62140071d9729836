import { sql, type Kysely } from 'kysely';
import type { Database } from '../db/database.ts';
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

/** What follows the reader's place is not whole any more: it was kept for a long time, or the database is an older one. */
export class FeedPlaceLostError extends Error {
  override name = 'FeedPlaceLostError';
}

/** Where the feed ends now. */
export async function feedEnd(db: Kysely<Database>): Promise<number> {
  return (await db.selectFrom('host_event_feed').select('last_position').executeTakeFirstOrThrow()).last_position;
}

/** Events after a place, oldest first. `after` 0: from the oldest one that is kept, which loses no place. */
export async function readFeed(db: Kysely<Database>, after: number, limit: number, { tenantId, types }: FeedFilter): Promise<FeedPage> {
  // Before the events: all up to this end are visible to the query that follows.
  const feed = await db.selectFrom('host_event_feed').selectAll().executeTakeFirstOrThrow();
  if (after > feed.last_position || (after > 0 && after < feed.pruned_through)) throw new FeedPlaceLostError();
  let query = db.selectFrom('host_event').select([sql<number>`position`.as('position'), 'body']).where('position', '>', after);
  if (tenantId !== undefined) query = query.where('tenant_id', '=', tenantId);
  if (types !== undefined) query = query.where('type', 'in', types);
  const rows = await query.orderBy('position').limit(limit + 1).execute();
  const items = rows.slice(0, limit).map(({ position, body }) => ({ position, event: body as unknown as HostEvent }));
  const hasMore = rows.length > limit;
  const last = items.at(-1)?.position ?? after;
  return { items, through: hasMore ? last : Math.max(last, feed.last_position), hasMore };
}
