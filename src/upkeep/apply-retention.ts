import { sql, type Kysely } from 'kysely';
import { forgetExpiredAttempts } from './forget-expired-attempts.ts';
import type { Database } from '../db/database.ts';
import { deleteAged } from './delete-aged.ts';
import { pruneHistory } from './prune-history.ts';

const DAY_MS = 24 * 3600 * 1000;
const BATCH = 1_000;

export interface Retention {
  historyDays: number;
  exchangesDays: number;
  deliveriesDays: number;
}

/**
 * A tenant's latest back-fill is kept: by its number, an older run that starts again after a crash sees that it is replaced. The last
 * complete run of each grant is kept, too: after a long outage, the next one begins there.
 */
const isSuperseded = sql`exists (select from backfill as later where later.tenant_id = backfill.tenant_id and later.run > backfill.run
  and (backfill.finished_at is null or (later.finished_at is not null and later.grant_id = backfill.grant_id)))`;

/** A delivery that was answered with 200 is kept until it is applied. */
const isDone = sql`verdict <> 'received'`;

/** Number of deleted rows, by table. */
export type Deleted = Record<
  | 'history'
  | 'effect'
  | 'refresh_intent'
  | 'debt'
  | 'backfill'
  | 'exchange'
  | 'delivery'
  | 'consent_attempt'
  | 'audit'
  | 'ended_session',
  number
>;

/**
 * Deletes what has been kept long enough. What a tenant still needs stays at any age: the connection and its last checkpoint, unanswered
 * effects, open debts, grants, meetings, and the rows of subscriptions, which prove which subscriptions are ours.
 */
export async function applyRetention(
  db: Kysely<Database>,
  { historyDays, exchangesDays, deliveriesDays }: Retention,
  { now, batch = BATCH, signal }: { now: () => Date; batch?: number; signal?: AbortSignal | undefined },
): Promise<Deleted> {
  const daysAgo = (days: number) => new Date(now().getTime() - days * DAY_MS);
  const limits = { batch, signal };
  const lastOfHistory = daysAgo(historyDays);
  return {
    history: await pruneHistory(db, lastOfHistory, { ...limits, now }),
    effect: await deleteAged(db, { table: 'effect', age: 'answered_at', before: lastOfHistory }, limits),
    refresh_intent: await deleteAged(
      db,
      { table: 'refresh_intent', age: 'answered_at', before: lastOfHistory },
      limits,
    ),
    debt: await deleteAged(db, { table: 'debt', age: 'settled_at', before: lastOfHistory }, limits),
    backfill: await deleteAged(
      db,
      { table: 'backfill', age: 'updated_at', before: daysAgo(exchangesDays), and: isSuperseded },
      limits,
    ),
    exchange: await deleteAged(db, { table: 'exchange', age: 'started_at', before: daysAgo(exchangesDays) }, limits),
    delivery: await deleteAged(
      db,
      { table: 'delivery', age: 'received_at', before: daysAgo(deliveriesDays), and: isDone },
      limits,
    ),
    audit: await deleteAged(db, { table: 'audit', age: 'at', before: lastOfHistory }, limits),
    ended_session: await deleteAged(db, { table: 'ended_session', age: 'expires_at', before: now() }, limits),
    consent_attempt: await forgetExpiredAttempts(db, now(), limits),
  };
}
