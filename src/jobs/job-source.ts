import type { PgBoss } from 'pg-boss';

/** Where a loop gets its jobs from. */
export interface JobSource<Job> {
  /** The name in the log. */
  name: string;
  /** Takes jobs that are due. As long as they are touched, no other instance gets them. */
  fetch(most: number): Promise<Job[]>;
  /** Says that these jobs are still being worked on. */
  touch(jobs: readonly Job[]): Promise<unknown>;
  /** Makes a job be tried again later. */
  fail(job: Job, error: unknown): Promise<unknown>;
}

export interface QueuedJob {
  queue: string;
  id: string;
  retryCount: number;
  data: unknown;
}

/** Jobs of one of pg-boss's queues, or those of some priorities. */
export function queueSource(
  boss: PgBoss,
  queue: string,
  range: { minPriority?: number; maxPriority?: number } = {},
): JobSource<QueuedJob> {
  return {
    name: queue,
    async fetch(most) {
      const jobs = await boss.fetch<unknown>(queue, { batchSize: most, includeMetadata: true, ...range });
      return jobs.map(({ id, retryCount, data }) => ({ queue, id, retryCount, data }));
    },
    touch: (jobs) =>
      boss.touch(
        queue,
        jobs.map(({ id, retryCount }) => ({ id, retryCount })),
      ),
    // pg-boss stores this output. The error's name is enough there, because the log has the rest.
    fail: ({ id, retryCount }, error) =>
      boss.fail(queue, { id, retryCount }, { error: error instanceof Error ? error.name : 'unknown' }),
  };
}
