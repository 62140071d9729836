/** Work that is done again and again. */
export interface Task {
  /** The name in the log, as in "… failed and comes again". */
  what: string;
  everyMs: number;
  run(signal: AbortSignal): Promise<unknown>;
}

/** If the clock is moved or the machine has slept, this is noticed within this time. */
const MOST_BETWEEN_LOOKS_MS = 60_000;

export interface Schedule {
  now(): Date;
  onError(what: string, error: unknown): void;
}

/**
 * Repeats a task, now and then every `everyMs`, never twice at the same time. If it fails, the next look tries it again. Returns the
 * function that stops it: that aborts the signal and waits for the current run.
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
