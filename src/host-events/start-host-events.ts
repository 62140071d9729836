import type { Kysely } from 'kysely';
import type { Database } from '../db/database.ts';
import { releaseDueHalves } from './reschedule-halves.ts';
import { startLoop, type Loop } from './start-loop.ts';
import { createPoster, type PostDeps } from './create-poster.ts';
import { pruneHostEvents } from './prune-host-events.ts';
import { feedEnd } from './read-feed.ts';
import { sequenceEvents } from './sequence-events.ts';

/** The longest delay that we add before an event is posted. */
const LOOK_MS = 250;
const PRUNE_LOOK_MS = 60_000;
const HOUR_MS = 60 * 60 * 1000;
const DAY_MS = 24 * HOUR_MS;

export interface HostEventSettings {
  /** null: events are only pulled. */
  readonly url: string | null;
  readonly secrets: readonly string[];
  readonly rescheduleWindowSeconds: number;
  readonly parkAfterHours: number;
  readonly retentionDays: number;
}

export interface HostEvents {
  /** Whether events are posted, or only pulled. */
  readonly sending: boolean;
  /** Resolves when the feed has new events, after `ms`, or when the service stops. */
  grown(ms: number, signal: AbortSignal): Promise<void>;
  /** Begins nothing new, and waits for what is under way. */
  stop(): Promise<void>;
}

/**
 * Puts recorded events into the feed, releases halves of reschedules, posts what is due, and deletes what was kept long enough. Every
 * instance does all of it, and instances do not block each other. It reads what deliveries and events have written, and never makes them
 * wait. `upkeep`: for deletions, which may take long. `mayAct` false: it only reads the feed.
 */
export function startHostEvents(
  deps: PostDeps & { upkeep: Kysely<Database> },
  settings: HostEventSettings,
  mayAct: boolean,
): HostEvents {
  const { db, upkeep, now, log } = deps;
  const { url, secrets, rescheduleWindowSeconds, parkAfterHours, retentionDays } = settings;
  const sending = url !== null;
  const waiting = new Set<() => void>();
  const late = (what: string) => (error: unknown) => log.warn({ err: error }, `${what} late`);
  const loops: Loop[] = [];
  let stopping = false;
  let end = -1;
  let prunedAt = Number.NEGATIVE_INFINITY;

  const poster =
    !sending || !mayAct
      ? null
      : createPoster(deps, { url, secrets, parkAfterMs: parkAfterHours * HOUR_MS }, () => posting?.wake());
  const posting = poster && startLoop(LOOK_MS, () => poster.postDue(), late('events to the host are sent'));
  if (posting !== null) loops.push(posting);

  loops.push(
    startLoop(
      LOOK_MS,
      async () => {
        const placed = mayAct ? await sequenceEvents(db, { sending, now: now() }) : 0;
        if (placed > 0) posting?.wake();
        const seen = await feedEnd(db);
        if (seen === end) return placed > 0;
        end = seen;
        for (const each of [...waiting]) each();
        return placed > 0;
      },
      late('the feed of events is'),
    ),
  );

  if (mayAct) {
    loops.push(
      startLoop(
        LOOK_MS,
        async () => {
          await releaseDueHalves(db, new Date(now().getTime() - rescheduleWindowSeconds * 1000));
        },
        late('halves of reschedules are released'),
      ),
    );
    loops.push(
      startLoop(
        PRUNE_LOOK_MS,
        async (signal) => {
          if (now().getTime() - prunedAt < HOUR_MS) return;
          const startedAt = now().getTime();
          await pruneHostEvents(upkeep, { before: new Date(startedAt - retentionDays * DAY_MS), sending, signal });
          prunedAt = startedAt;
        },
        late('events that were kept long enough are deleted'),
      ),
    );
  }

  return {
    sending,
    grown: (ms, signal) =>
      new Promise((resolve) => {
        const done = () => {
          clearTimeout(timer);
          waiting.delete(done);
          signal.removeEventListener('abort', done);
          resolve();
        };
        const timer = setTimeout(done, ms);
        waiting.add(done);
        signal.addEventListener('abort', done, { once: true });
        if (signal.aborted || stopping) done();
      }),
    async stop() {
      stopping = true;
      for (const each of [...waiting]) each();
      await Promise.all(loops.map((loop) => loop.stop()));
      await poster?.settled();
    },
  };
}
