import { PgBoss } from 'pg-boss';

export const EFFECTS_QUEUE = 'effects';
/** Long work that nobody waits for: in a queue of its own, so that no connect stands behind two hundred of them. */
export const BACKFILLS_QUEUE = 'backfills';
const FORMER_TIMERS_QUEUE = 'timers';

export function queueOf(effect: string): string {
  return effect === 'backfillMeetings' ? BACKFILLS_QUEUE : EFFECTS_QUEUE;
}

/** Jobs carry references only; what they mean is read from our own rows when they run. */
export interface EffectJob {
  effectId: string;
}

/**
 * A killed worker's job is taken up again about 15 s later (heartbeat 10 s, looked at every 5 s); pg-boss's own
 * defaults would need minutes. Jobs may wait for long, so they are kept for a year before they run.
 */
const QUEUE_OPTIONS = {
  // The instance that writes a job looks for it at once, and the others a moment later: a NOTIFY in every commit is not needed.
  notify: false,
  heartbeatSeconds: 10,
  expireInSeconds: 15 * 60,
  retryLimit: 1000,
  retryDelay: 1,
  retryBackoff: true,
  retryDelayMax: 60,
  retentionSeconds: 365 * 24 * 3600,
  deleteAfterSeconds: 3600,
} as const;

export interface BossOptions {
  url: string;
  max?: number;
  /** false: the schema is there, and this role may not create one. */
  createSchema?: boolean;
  onError(error: Error): void;
}

/** Starts pg-boss in its own schema; several instances may start at once on an empty database. */
export async function startBoss({ url, max = 6, createSchema = true, onError }: BossOptions): Promise<PgBoss> {
  const boss = new PgBoss({
    connectionString: withQueryTimeout(url),
    connectionTimeoutMillis: 3_000,
    max,
    schema: 'pgboss',
    createSchema,
    superviseIntervalSeconds: 5,
    monitorIntervalSeconds: 5,
    schedule: false,
    application_name: 'calendly-reconnect',
  });
  boss.on('error', onError);
  await boss.start();
  for (const queue of [EFFECTS_QUEUE, BACKFILLS_QUEUE]) {
    await boss.createQueue(queue, QUEUE_OPTIONS);
    await boss.updateQueue(queue, QUEUE_OPTIONS);
  }
  // An earlier release gave each timer a job. An instance of it that is still running finds what is due in the table as well.
  if ((await boss.getQueue(FORMER_TIMERS_QUEUE)) !== null) await boss.deleteAllJobs(FORMER_TIMERS_QUEUE);
  return boss;
}

/** A silent connection is given up, and another one opened. pg reads this from the address; pg-boss's options do not name it. */
function withQueryTimeout(url: string): string {
  const timed = new URL(url);
  timed.searchParams.set('query_timeout', '10000');
  return timed.href;
}
