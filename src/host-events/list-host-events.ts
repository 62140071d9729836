import type { Kysely } from 'kysely';
import type { Database } from '../db/database.ts';
import { newestFirst, type PageQuery } from '../paging/newest-first.ts';
import type { Page } from '../paging/to-page.ts';
import type { HostEvent } from './host-event.ts';
import { ProblemError } from '../errors.ts';

/**
 * `recorded`: not in the feed yet · `feed`: only in the feed, not to be sent · `waiting`: to be sent, or sent again · `parked`: given up,
 * until a person sends it again.
 */
export const HOST_EVENT_STATUSES = ['recorded', 'feed', 'waiting', 'sent', 'parked'] as const;
export type HostEventStatus = (typeof HOST_EVENT_STATUSES)[number];

/** An event with its attempts and their outcome, for operators and the inspector. */
export interface ListedHostEvent {
  event: HostEvent;
  status: HostEventStatus;
  attempts: number;
  firstAttemptAt: string | null;
  nextAttemptAt: string | null;
  sentAt: string | null;
  parkedAt: string | null;
  /** `status`: the host's answer; null: no answer came. */
  lastError: { code: string; status: number | null; at: string } | null;
}

export interface HostEventQuery extends PageQuery {
  id?: string | undefined;
  tenantId?: string | undefined;
  status?: HostEventStatus | undefined;
}

/** Newest first. */
export async function listHostEvents(
  db: Kysely<Database>,
  { id, tenantId, status, ...page }: HostEventQuery,
): Promise<Page<ListedHostEvent>> {
  let query = db.selectFrom('host_event').selectAll();
  if (id !== undefined) query = query.where('id', '=', id);
  if (tenantId !== undefined) query = query.where('tenant_id', '=', tenantId);
  if (status !== undefined) query = query.where('status', '=', status);
  return newestFirst(query, 'seq', page, (row): ListedHostEvent => ({
    event: row.body as unknown as HostEvent,
    status: row.status as HostEventStatus,
    attempts: row.attempts,
    firstAttemptAt: row.first_attempt_at?.toISOString() ?? null,
    nextAttemptAt: row.status === 'waiting' ? (row.next_attempt_at?.toISOString() ?? null) : null,
    sentAt: row.sent_at?.toISOString() ?? null,
    parkedAt: row.parked_at?.toISOString() ?? null,
    lastError: row.last_error as unknown as ListedHostEvent['lastError'],
  }));
}

/** A half of a reschedule that waits for its other half. */
export interface HeldHalf {
  type: string;
  meetingId: string;
  heldAt: string;
}

export async function listHeldHalves(db: Kysely<Database>, tenantId: string, limit = 100): Promise<HeldHalf[]> {
  const rows = await db
    .selectFrom('host_event_half')
    .select(['type', 'meeting_id', 'held_at'])
    .where('tenant_id', '=', tenantId)
    .orderBy('held_at')
    .limit(limit)
    .execute();
  return rows.map((row) => ({ type: row.type, meetingId: row.meeting_id, heldAt: row.held_at.toISOString() }));
}

/** For metrics: `waiting` to be sent, `parked`, and `held` halves of reschedules. */
export async function countHostEvents(
  db: Kysely<Database>,
): Promise<{ waiting: number; parked: number; held: number }> {
  const rows = await db
    .selectFrom('host_event')
    .select(['status', ({ fn }) => fn.countAll<number>().as('count')])
    .where('status', 'in', ['waiting', 'parked'])
    .groupBy('status')
    .execute();
  const count = (status: string) => Number(rows.find((row) => row.status === status)?.count ?? 0);
  const { held } = await db
    .selectFrom('host_event_half')
    .select(({ fn }) => fn.countAll<number>().as('held'))
    .executeTakeFirstOrThrow();
  return { waiting: count('waiting'), parked: count('parked'), held: Number(held) };
}

/** One event of this tenant. */
export async function readHostEvent(db: Kysely<Database>, tenantId: string, id: string): Promise<ListedHostEvent> {
  const {
    items: [event],
  } = await listHostEvents(db, { tenantId, id, limit: 1 });
  if (event === undefined) throw new ProblemError('not_found', 'This tenant has no such event, or it was deleted.');
  return event;
}
