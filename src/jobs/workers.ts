import type { JobResult, JobWithMetadata } from 'pg-boss';
import type { Logger } from '../logger.ts';
import { BACKFILLS_QUEUE, EFFECTS_QUEUE, TIMERS_QUEUE, type EffectJob, type TimerJob } from './queues.ts';
import { runEffect, type JobDeps } from './run-effect.ts';
import { runTimer } from './run-timer.ts';

/**
 * A batch runs in parallel, and its worker fetches again when the slowest is done: many small workers keep one hanging
 * call (60 s at most) from holding up other tenants. Measured: 100 jobs of 50 ms in 0.4 s, send to start 7 ms.
 */
const EFFECT_WORKERS = { localConcurrency: 12, batchSize: 3 } as const;
const TIMER_WORKERS = { localConcurrency: 2, batchSize: 10 } as const;
/** Each has one request to Calendly under way; together they leave most of the database's connections to others. */
const BACKFILL_WORKERS = { localConcurrency: 6, batchSize: 1 } as const;
const POLLING = { burstWhenBatchFull: true, perJobResults: true, includeMetadata: true, pollingIntervalSeconds: 0.5, notifyPollingIntervalSeconds: 0.5 } as const;

export interface Workers {
  /** Takes no new job, and comes back when every running one has stored its answer. */
  stop(): Promise<void>;
}

export async function startWorkers(deps: JobDeps, log: Logger): Promise<Workers> {
  const running = new Set<Promise<JobResult>>();
  let stopping = false;
  const handler = <Data>(run: (deps: JobDeps, job: { id: string; retryCount: number; data: Data }) => Promise<void>, queue: string) =>
    (jobs: JobWithMetadata<Data>[]): Promise<JobResult[]> => Promise.all(jobs.map((job) => {
      // Fetched while we were told to stop: begun now, its answer would find no database. Another instance, or the next start, does it.
      if (stopping) return Promise.resolve<JobResult>({ id: job.id, status: 'failed', output: { error: 'stopping' } });
      const result = run(deps, job).then(
        (): JobResult => ({ id: job.id, status: 'completed' }),
        (error: unknown): JobResult => {
          log.error({ err: error, queue, jobId: job.id }, 'a job failed and will be tried again');
          // The output is stored: a name says enough there, the log has the rest.
          return { id: job.id, status: 'failed', output: { error: error instanceof Error ? error.name : 'unknown' } };
        });
      running.add(result);
      return result.finally(() => running.delete(result));
    }));

  await deps.boss.work<EffectJob, void, typeof POLLING & typeof EFFECT_WORKERS>(EFFECTS_QUEUE, { ...POLLING, ...EFFECT_WORKERS }, handler(runEffect, EFFECTS_QUEUE) as never);
  await deps.boss.work<TimerJob, void, typeof POLLING & typeof TIMER_WORKERS>(TIMERS_QUEUE, { ...POLLING, ...TIMER_WORKERS }, handler(runTimer, TIMERS_QUEUE) as never);
  await deps.boss.work<EffectJob, void, typeof POLLING & typeof BACKFILL_WORKERS>(BACKFILLS_QUEUE, { ...POLLING, ...BACKFILL_WORKERS }, handler(runEffect, BACKFILLS_QUEUE) as never);

  return {
    async stop() {
      stopping = true;
      await Promise.all([EFFECTS_QUEUE, TIMERS_QUEUE, BACKFILLS_QUEUE].map((queue) => deps.boss.offWork(queue, { wait: false })));
      await Promise.allSettled([...running]);
    },
  };
}
