import type { Kysely } from 'kysely';
import type { Database } from '../db/database.ts';
import type { Logger } from '../logger/create-logger.ts';
import type { JobDeps } from '../workers/run-effect.ts';
import { applyRetention, type Retention } from './apply-retention.ts';
import { eraseSettledTenants } from './erase-tenants.ts';
import { noticeGaps } from './notice-gaps.ts';
import { rotateCredentials } from './rotate-credentials.ts';
import { runEvery, type Task } from './run-every.ts';
import { sweep } from './sweep.ts';

const SWEEP_MS = 30_000;
const HOUR_MS = 60 * 60 * 1000;
const ROTATION_BATCH = 100;

export interface UpkeepOptions {
  deps: JobDeps;
  /** A database with long limits, for thousands of deletions, and with connections that nobody else waits for. */
  longDb: Kysely<Database>;
  retention: Retention;
  log: Logger;
}

/** Everything that is done again and again, on every instance; instances keep out of each other's way. Returns the way to stop. */
export function startUpkeep({ deps, longDb, retention, log }: UpkeepOptions): () => Promise<void> {
  const { db, box, now } = deps;
  const tasks: Task[] = [
    { what: 'a sweep', everyMs: SWEEP_MS, run: () => sweep(deps) },
    { what: 'an erasure', everyMs: SWEEP_MS, run: () => eraseSettledTenants(longDb) },
    { what: 'a look for gaps', everyMs: SWEEP_MS, run: () => noticeGaps(db, deps, deps.deployment.backfillHours) },
    {
      what: 'the sealing of secrets under the first key',
      everyMs: HOUR_MS,
      async run(signal) {
        const rotation = await rotateCredentials(longDb, box, { batch: ROTATION_BATCH, signal });
        if (rotation.rotated > 0) log.info(rotation, 'secrets were sealed again with the first encryption key');
        if (rotation.unreadable > 0) log.error(rotation, 'secrets that none of ENCRYPTION_KEYS opens');
      },
    },
    {
      what: 'the deletion of old rows',
      everyMs: HOUR_MS,
      async run(signal) {
        const deleted = await applyRetention(longDb, retention, { now, signal });
        if (Object.values(deleted).some((count) => count > 0))
          log.info({ deleted }, 'rows older than their retention were deleted');
      },
    },
  ];
  const onError = (what: string, error: unknown) => log.warn({ err: error }, `${what} failed and will run again`);
  const stops = tasks.map((task) => runEvery(task, { now, onError }));
  return async () => {
    await Promise.all(stops.map((stop) => stop()));
  };
}
