import type { Logger } from '../logger/create-logger.ts';
import { startJobLoop, type Job, type JobLoop, type Share } from '../jobs/start-job-loop.ts';
import { PRIORITY } from '../jobs/priorities.ts';
import { BACKFILLS_QUEUE, EFFECTS_QUEUE, TIMERS_QUEUE, type EffectJob, type TimerJob } from '../jobs/queues.ts';
import { runEffect, type JobDeps } from './run-effect.ts';
import { runTimer } from './run-timer.ts';

/**
 * An effect mostly waits for Calendly, for up to 60 s, and holds no connection of the database meanwhile: many may hang at once.
 * A timer is one transaction. A back-fill has one request under way; a few leave most of the database to others.
 */
const SHARES = {
  awaited: { queue: EFFECTS_QUEUE, slots: 48, minPriority: PRIORITY.awaited },
  upkeep: { queue: EFFECTS_QUEUE, slots: 16, minPriority: PRIORITY.upkeep, maxPriority: PRIORITY.awaited - 1 },
  owed: { queue: EFFECTS_QUEUE, slots: 8, minPriority: PRIORITY.owed, maxPriority: PRIORITY.upkeep - 1 },
  watched: { queue: EFFECTS_QUEUE, slots: 8, maxPriority: PRIORITY.owed - 1 },
  timers: { queue: TIMERS_QUEUE, slots: 6 },
  firstBackfills: { queue: BACKFILLS_QUEUE, slots: 3, minPriority: PRIORITY.firstBackfill },
  otherBackfills: { queue: BACKFILLS_QUEUE, slots: 4, maxPriority: PRIORITY.firstBackfill - 1 },
} as const satisfies Record<string, Share>;

export interface Workers {
  /** Jobs may have been written: looks at once. */
  wake(): void;
  /** Takes no new job, and comes back when every running one has stored its answer. */
  stop(): Promise<void>;
}

export function startWorkers(deps: JobDeps, log: Logger): Workers {
  const start = (share: Share, run: (job: Job) => Promise<void>): JobLoop =>
    startJobLoop({ boss: deps.boss, log }, share, run);
  const ofEffects = (share: Share) => start(share, (job) => runEffect(deps, { ...job, data: job.data as EffectJob }));
  const loops = [
    ofEffects(SHARES.awaited),
    ofEffects(SHARES.upkeep),
    ofEffects(SHARES.owed),
    ofEffects(SHARES.watched),
    ofEffects(SHARES.firstBackfills),
    ofEffects(SHARES.otherBackfills),
    start(SHARES.timers, (job) => runTimer(deps, { ...job, data: job.data as TimerJob })),
  ];
  return {
    wake: () => loops.forEach((loop) => loop.wake()),
    stop: async () => {
      await Promise.all(loops.map((loop) => loop.stop()));
    },
  };
}
