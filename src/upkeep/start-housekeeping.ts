import type { Kysely } from 'kysely';
import { rotateCredentials } from './rotate-credentials.ts';
import type { SealedBox } from '../grants/sealed-box.ts';
import type { Database } from '../db/database.ts';
import type { Logger } from '../logger/create-logger.ts';
import { applyRetention, type Retention } from './apply-retention.ts';

const LOOK_MS = 60_000;
const EVERY_MS = 60 * 60 * 1000;
const ROTATION_BATCH = 100;

export interface HousekeepingDeps {
  db: Kysely<Database>;
  box: SealedBox;
  now(): Date;
  log: Logger;
}

/**
 * Seals secrets again under the first encryption key and deletes what has been kept long enough: at the start, and once an
 * hour after that. Every instance does it; they keep out of each other's way. It never waits for a sweep, nor a sweep for it.
 */
export function startHousekeeping(deps: HousekeepingDeps, retention: Retention): { stop(): Promise<void> } {
  const { now, log } = deps;
  const stopping = new AbortController();
  let lastAt = Number.NEGATIVE_INFINITY;
  let running = Promise.resolve();
  const look = async () => {
    if (stopping.signal.aborted || now().getTime() - lastAt < EVERY_MS) return;
    const startedAt = now().getTime();
    await keepHouse(deps, retention, stopping.signal);
    lastAt = startedAt;
  };
  const run = () => {
    running = running
      .then(look)
      .catch((error: unknown) => log.warn({ err: error }, 'housekeeping failed and will be tried again'));
  };
  run();
  const timer = setInterval(run, LOOK_MS);
  return {
    async stop() {
      clearInterval(timer);
      stopping.abort();
      await running;
    },
  };
}

async function keepHouse(
  { db, box, now, log }: HousekeepingDeps,
  retention: Retention,
  signal: AbortSignal,
): Promise<void> {
  const rotation = await rotateCredentials(db, box, { batch: ROTATION_BATCH, signal });
  if (rotation.rotated > 0) log.info(rotation, 'secrets were sealed again under the first encryption key');
  if (rotation.unreadable > 0) log.error(rotation, 'secrets that none of ENCRYPTION_KEYS opens');
  const deleted = await applyRetention(db, retention, { now, signal });
  if (Object.values(deleted).some((count) => count > 0))
    log.info({ deleted }, 'rows that were kept long enough are deleted');
}
