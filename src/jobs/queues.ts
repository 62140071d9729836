import { PgBoss } from 'pg-boss';

export const EFFECTS_QUEUE = 'effects';
/** Long work that nobody waits for. It has a queue of its own, so that a connect does not wait behind two hundred back-fills. */
export const BACKFILLS_QUEUE = 'backfills';
const FORMER_TIMERS_QUEUE = 'timers';

export function queueOf(effect: string): string {
  return effect === 'backfillMeetings' ? BACKFILLS_QUEUE : EFFECTS_QUEUE;
}

/** Jobs carry only an id. What they mean is read from our own rows when they run. */
export interface EffectJob {
  effectId: string;
}

/**
 * If a worker is killed, its job starts again about 15 s later (heartbeat every 10 s, checked every 5 s); with pg-boss's defaults it would
 * take minutes. A job may wait for long, so it is kept for a year before it runs.
 */
const QUEUE_OPTIONS = {
  // The instance that writes a job looks for it at once, and the others a moment later. So no NOTIFY is needed in every commit.
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
  /** false: the schema exists, and this role may not create one. */
  createSchema?: boolean;
  onError(error: Error): void;
}

/** Starts pg-boss in its own schema. Several instances may start at the same time on an empty database. */
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
  // An earlier release gave each timer a job. An instance of that release which still runs finds due timers in their table as well.
  if ((await boss.getQueue(FORMER_TIMERS_QUEUE)) !== null) await boss.deleteAllJobs(FORMER_TIMERS_QUEUE);
  return boss;
}

/**
 * A connection without an answer is given up, and another one is opened. pg reads this from the address, because pg-boss has no option for
 * it.
 */
function withQueryTimeout(url: string): string {
  const timed = new URL(url);
  timed.searchParams.set('query_timeout', '10000');
  return timed.href;
}
