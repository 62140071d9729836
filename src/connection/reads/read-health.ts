import type { Kysely } from 'kysely';
import type { Database } from '../../db/database.ts';
import { readJobs } from '../../jobs/live-jobs.ts';
import { BACKFILLS_QUEUE } from '../../jobs/queues.ts';
import { listHeldHalves, type HeldHalf } from '../../host-events/list-host-events.ts';
import { countOutgoing, type Outgoing } from '../../host-events/count-outgoing.ts';
import { readWarnings, type ListedWarning } from '../../host-events/read-warnings.ts';

export interface BackfillRun {
  run: number;
  reason: string;
  windowFrom: Date;
  /** Start time of the last event that was merged. The run would go on there. */
  position: string | null;
  events: number;
  meetings: number;
  recovered: number;
  startedAt: Date;
  updatedAt: Date;
  finishedAt: Date | null;
  /** Until then the run leaves the rate limit to more urgent calls. */
  pausedUntil: Date | null;
}

/** How the service makes sure that a connected tenant's meetings arrive, and what was found. */
export interface Health {
  warnings: ListedWarning[];
  /** When the webhook was last checked, and whether a check is under way. */
  look: { answeredAt: Date | null; underWay: boolean };
  slowDeliveries: { count: number; since: Date } | null;
  /** Newest first. */
  runs: BackfillRun[];
  outgoing: Outgoing;
  halves: HeldHalf[];
}

const WARNINGS = 5;
const RUNS = 5;
/** A webhook is looked at every hour or so, and in an hour there are a few effects. Who is never looked at may have any number. */
const LATEST_EFFECTS = 500;

export async function readHealth(db: Kysely<Database>, tenantId: string, now: Date): Promise<Health> {
  return {
    warnings: await readWarnings(db, tenantId, WARNINGS),
    look: await readLook(db, tenantId),
    slowDeliveries: await readSlowDeliveries(db, tenantId),
    runs: await readRuns(db, tenantId, now),
    outgoing: await countOutgoing(db, tenantId),
    halves: await listHeldHalves(db, tenantId),
  };
}

async function readLook(db: Kysely<Database>, tenantId: string): Promise<Health['look']> {
  const looks = await db
    .selectFrom((inner) =>
      inner
        .selectFrom('effect')
        .select(['type', 'answered_at', 'created_at'])
        .where('tenant_id', '=', tenantId)
        .orderBy('created_at', 'desc')
        .limit(LATEST_EFFECTS)
        .as('latest'),
    )
    .select('answered_at')
    .where('type', '=', 'checkSubscription')
    .orderBy('created_at', 'desc')
    .limit(2)
    .execute();
  return {
    underWay: looks[0]?.answered_at === null,
    answeredAt: looks.find((look) => look.answered_at !== null)?.answered_at ?? null,
  };
}

async function readSlowDeliveries(db: Kysely<Database>, tenantId: string): Promise<Health['slowDeliveries']> {
  const row = await db
    .selectFrom('subscription')
    .select(['slow_deliveries', 'slow_since'])
    .where('tenant_id', '=', tenantId)
    .where('status', '=', 'live')
    .where('slow_deliveries', '>', 0)
    .executeTakeFirst();
  return row?.slow_since == null ? null : { count: row.slow_deliveries, since: row.slow_since };
}

async function readRuns(db: Kysely<Database>, tenantId: string, now: Date): Promise<BackfillRun[]> {
  const rows = await db
    .selectFrom('backfill')
    .selectAll()
    .where('tenant_id', '=', tenantId)
    .orderBy('run', 'desc')
    .limit(RUNS)
    .execute();
  const paused = await readPauses(db, tenantId, now);
  return rows.map((row) => ({
    run: row.run,
    reason: row.reason,
    windowFrom: row.window_from,
    position: row.position,
    events: row.events,
    meetings: row.meetings,
    recovered: row.recovered,
    startedAt: row.started_at,
    updatedAt: row.updated_at,
    finishedAt: row.finished_at,
    pausedUntil: row.finished_at === null ? (paused.get(row.run) ?? null) : null,
  }));
}

/** For runs whose job waits for a later time. */
async function readPauses(db: Kysely<Database>, tenantId: string, now: Date): Promise<Map<number, Date>> {
  const open = await db
    .selectFrom('effect')
    .select(['params', 'job_id'])
    .where('tenant_id', '=', tenantId)
    .where('type', '=', 'backfillMeetings')
    .where('answered_at', 'is', null)
    .execute();
  const jobs = await readJobs(
    db,
    [BACKFILLS_QUEUE],
    open.map((effect) => effect.job_id),
  );
  const pauses = open.flatMap(({ params, job_id: jobId }): [number, Date][] => {
    const job = jobs.get(jobId);
    const waits = job !== undefined && ['created', 'retry'].includes(job.state) && job.startAfter > now;
    return waits ? [[(params as { run: number }).run, job.startAfter]] : [];
  });
  return new Map(pauses);
}
