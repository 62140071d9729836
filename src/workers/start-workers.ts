import type { NewJob } from '../connection/dispatch/after-commit.ts';
import type { Logger } from '../logger/create-logger.ts';
import { queueSource } from '../jobs/job-source.ts';
import { startJobLoop } from '../jobs/start-job-loop.ts';
import { PRIORITY } from '../jobs/priorities.ts';
import { BACKFILLS_QUEUE, EFFECTS_QUEUE, type EffectJob } from '../jobs/queues.ts';
import { runEffect, type JobDeps } from './run-effect.ts';
import { runTimer } from './run-timer.ts';
import { timerSource } from '../jobs/timer-source.ts';

/** A part of a queue with workers of its own. */
interface Share {
  queue: string;
  /** How many of its jobs run at once in this process. */
  slots: number;
  minPriority?: number;
  maxPriority?: number;
}

/**
 * An effect mostly waits for Calendly, for up to 60 s, and holds no connection of the database meanwhile, so many may wait at once. A timer
 * is one transaction. A back-fill has one request under way, and only a few run, so that others have most of the database.
 */
const SHARES = {
  awaited: { queue: EFFECTS_QUEUE, slots: 48, minPriority: PRIORITY.awaited },
  upkeep: { queue: EFFECTS_QUEUE, slots: 16, minPriority: PRIORITY.upkeep, maxPriority: PRIORITY.awaited - 1 },
  owed: { queue: EFFECTS_QUEUE, slots: 8, minPriority: PRIORITY.owed, maxPriority: PRIORITY.upkeep - 1 },
  watched: { queue: EFFECTS_QUEUE, slots: 8, maxPriority: PRIORITY.owed - 1 },
  firstBackfills: { queue: BACKFILLS_QUEUE, slots: 3, minPriority: PRIORITY.firstBackfill },
  otherBackfills: { queue: BACKFILLS_QUEUE, slots: 4, maxPriority: PRIORITY.firstBackfill - 1 },
} as const satisfies Record<string, Share>;
const TIMER_SLOTS = 6;

export interface Workers {
  /** Jobs were written, so the workers that can run them look at once. */
  wake(jobs: readonly NewJob[]): void;
  /** Takes no new job. Resolves when every running job has stored its answer. */
  stop(): Promise<void>;
}

export function startWorkers(deps: JobDeps, log: Logger): Workers {
  const ofEffects = ({ queue, slots, ...range }: Share) =>
    startJobLoop(log, queueSource(deps.boss, queue, range), slots, (job) =>
      runEffect(deps, { ...job, data: job.data as EffectJob }),
    );
  const shares = Object.values(SHARES).map((share: Share) => ({ share, loop: ofEffects(share) }));
  const timers = startJobLoop(log, timerSource(deps.db), TIMER_SLOTS, (timer) => runTimer(deps, timer));
  return {
    wake(jobs) {
      for (const { share, loop } of shares) if (jobs.some((job) => isOf(share, job))) loop.wake();
    },
    stop: async () => {
      await Promise.all([...shares.map(({ loop }) => loop.stop()), timers.stop()]);
    },
  };
}

const isOf = ({ queue, minPriority = -Infinity, maxPriority = Infinity }: Share, job: NewJob): boolean =>
  job.queue === queue && job.priority >= minPriority && job.priority <= maxPriority;
