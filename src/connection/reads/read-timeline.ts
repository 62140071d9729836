import type { Kysely } from 'kysely';
import { listHistory, type HistoryItem } from './list-history.ts';
import type { Cause } from '../dispatch/cause.ts';
import type { Database } from '../../db/database.ts';
import type { WrittenActions } from '../dispatch/write-event.ts';

export interface TimelineRow extends Omit<HistoryItem, 'event' | 'cause' | 'actions'> {
  event: ({ type: string; at: string; id: string } & Record<string, unknown>) | null;
  cause: Cause;
  actions: WrittenActions | null;
  /** Milliseconds in the state that this row led to; null if it led to none, or if the next change is not on this page. */
  stayedMs: number | null;
}

export interface Timeline {
  /** Newest first. */
  rows: TimelineRow[];
  nextCursor: string | null;
}

export async function readTimeline(
  db: Kysely<Database>,
  tenantId: string,
  now: Date,
  { limit, cursor }: { limit: number; cursor?: string | undefined },
): Promise<Timeline> {
  const { items, nextCursor } = await listHistory(db, tenantId, { limit, cursor });
  return { rows: withStays(items, cursor === undefined ? now.getTime() : null), nextCursor };
}

/** Computes the time between each change of state and the next. The newest one lasts until `until`. */
export function withStays(items: readonly HistoryItem[], until: number | null): TimelineRow[] {
  let left = until;
  return items.map((item) => {
    const row = {
      ...item,
      event: item.event as TimelineRow['event'],
      cause: item.cause as Cause,
      actions: item.actions as WrittenActions | null,
    };
    const changes = item.to !== null && item.from !== item.to;
    if (!changes) return { ...row, stayedMs: null };
    const stayedMs = left === null ? null : left - Date.parse(item.at);
    left = Date.parse(item.at);
    return { ...row, stayedMs };
  });
}
