import type { Logger } from '../logger/create-logger.ts';
import type { JobSource } from './job-source.ts';

export interface JobLoop {
  /** Looks for jobs now. */
  wake(): void;
  /** Fetches nothing more. Resolves when every running job has stored its answer. */
  stop(): Promise<void>;
}

/** The longest delay until jobs are found that became due, or that another instance has left. */
const LOOK_MS = 250;
const MOST_AT_ONCE = 20;
/** Less than half of the queues' `heartbeatSeconds`: a beat may be late. */
const HEARTBEAT_MS = 4_000;

/**
 * Fetches one job for each free slot, and again as soon as a slot is free. So a call that hangs occupies its own slot and nothing else.
 * (pg-boss's own workers fetch a batch and wait for its slowest job, or poll for every single job.)
 */
export function startJobLoop<Job extends { id: string }>(
  log: Logger,
  source: JobSource<Job>,
  /** How many jobs run at once in this process. */
  slots: number,
  run: (job: Job) => Promise<void>,
): JobLoop {
  const { name: queue } = source;
  const running = new Map<Job, Promise<void>>();
  let stopping = false;
  let isWoken = false;
  let wake = () => {};

  const begin = (job: Job): void => {
    const ending = run(job)
      .catch(async (error: unknown) => {
        log.error({ err: error, queue, jobId: job.id }, 'a job failed and will be tried again');
        await source.fail(job, error);
      })
      .catch((error: unknown) =>
        log.warn(
          { err: error, queue, jobId: job.id },
          'the failure of a job could not be stored: the job runs again when its heartbeat is missing',
        ),
      )
      .finally(() => {
        running.delete(job);
        loop.wake();
      });
    running.set(job, ending);
  };
  /** True if there may be more of them. */
  const fetch = async (): Promise<boolean> => {
    const wanted = Math.min(slots - running.size, MOST_AT_ONCE);
    if (wanted <= 0) return false;
    const jobs = await source.fetch(wanted);
    for (const job of jobs) begin(job);
    return jobs.length === wanted;
  };
  const idle = () =>
    new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, LOOK_MS);
      wake = () => {
        clearTimeout(timer);
        resolve();
      };
      if (isWoken || stopping) wake();
    });
  const work = async (): Promise<void> => {
    while (!stopping) {
      isWoken = false;
      const more = await fetch().catch((error: unknown) => {
        log.warn({ err: error, queue }, 'jobs could not be fetched');
        return false;
      });
      if (!more) await idle();
    }
  };
  const beat = setInterval(() => {
    if (running.size === 0) return;
    source
      .touch([...running.keys()])
      .catch((error: unknown) => log.warn({ err: error, queue }, 'the heartbeat of running jobs could not be stored'));
  }, HEARTBEAT_MS);

  const loop: JobLoop = {
    wake() {
      isWoken = true;
      wake();
    },
    async stop() {
      stopping = true;
      wake();
      await working;
      await Promise.all(running.values());
      clearInterval(beat);
    },
  };
  const working = work();
  return loop;
}
