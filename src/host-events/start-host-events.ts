import { releaseDueHalves } from './halves.ts';
import { createPoster, type PostDeps } from './post-due-events.ts';
import { pruneHostEvents } from './prune-host-events.ts';
import { feedEnd } from './read-feed.ts';
import { sequenceEvents } from './sequence-events.ts';

/** What a host waits at most, beside its own time. */
const LOOK_MS = 250;
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
  /** Comes back when the feed has grown, after `ms`, or when the service stops. */
  grown(ms: number, signal: AbortSignal): Promise<void>;
  /** Begins nothing new, and waits for what is in hand. */
  stop(): Promise<void>;
}

/**
 * Puts recorded events into the feed, lets halves of reschedules go, and posts what is due: every instance does all of it, and
 * they keep out of each other's way. It reads what deliveries and events have written, and never holds them up.
 * `mayAct` false: it only looks.
 */
export function startHostEvents(deps: PostDeps, settings: HostEventSettings, mayAct: boolean): HostEvents {
  const { db, now, log } = deps;
  const { url, secrets, rescheduleWindowSeconds, parkAfterHours, retentionDays } = settings;
  const sending = url !== null;
  const waiting = new Set<() => void>();
  let stopping = false;
  let end = -1;
  let prunedAt = Number.NEGATIVE_INFINITY;
  let again = false;
  let wake = () => {};
  const poster = sending && mayAct
    ? createPoster(deps, { url, secrets, parkAfterMs: parkAfterHours * HOUR_MS }, () => {
      again = true;
      wake();
    })
    : null;

  const work = async (): Promise<void> => {
    await releaseDueHalves(db, new Date(now().getTime() - rescheduleWindowSeconds * 1000));
    await sequenceEvents(db, { sending, now: now() });
    await poster?.postDue();
    if (now().getTime() - prunedAt < HOUR_MS) return;
    prunedAt = now().getTime();
    await pruneHostEvents(db, { before: new Date(prunedAt - retentionDays * DAY_MS), sending });
  };
  const look = async (): Promise<void> => {
    if (mayAct) await work();
    const seen = await feedEnd(db);
    if (seen === end) return;
    end = seen;
    for (const each of [...waiting]) each();
  };
  const idle = () => new Promise<void>((resolve) => {
    const timer = setTimeout(resolve, LOOK_MS);
    wake = () => {
      clearTimeout(timer);
      resolve();
    };
    if (again || stopping) wake();
  });
  const run = async (): Promise<void> => {
    while (!stopping) {
      again = false;
      await look().catch((error: unknown) => log.warn({ err: error }, 'events to the host are late'));
      await idle();
    }
  };
  const running = run();

  return {
    sending,
    grown: (ms, signal) => new Promise((resolve) => {
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
      wake();
      for (const each of [...waiting]) each();
      await running;
      await poster?.settled();
    },
  };
}
