/** One periodic piece of work. */
export interface Task {
  /** For the log, as in "… failed and comes again". */
  what: string;
  everyMs: number;
  run(signal: AbortSignal): Promise<unknown>;
}

/** A clock that was moved, or a machine that slept, is noticed within this time. */
const MOST_BETWEEN_LOOKS_MS = 60_000;

export interface Schedule {
  now(): Date;
  onError(what: string, error: unknown): void;
}

/**
 * Does a piece of work now and then again and again, never twice at the same time. What fails is tried again at the next look.
 * Returns the way to stop: it gives the signal and waits for what is under way.
 */
export function runEvery({ what, everyMs, run }: Task, { now, onError }: Schedule): () => Promise<void> {
  const stopping = new AbortController();
  let lastAt = Number.NEGATIVE_INFINITY;
  let running = Promise.resolve();
  const look = async () => {
    const at = now().getTime();
    const isDue = everyMs <= MOST_BETWEEN_LOOKS_MS || Math.abs(at - lastAt) >= everyMs;
    if (stopping.signal.aborted || !isDue) return;
    await run(stopping.signal);
    lastAt = at;
  };
  const next = () => {
    running = running.then(look).catch((error: unknown) => onError(what, error));
  };
  next();
  const timer = setInterval(next, Math.min(everyMs, MOST_BETWEEN_LOOKS_MS));
  return async () => {
    clearInterval(timer);
    stopping.abort();
    await running;
  };
}
