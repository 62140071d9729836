import { setTimeout as pause } from 'node:timers/promises';

/** Looks until something is found. Returns null when the time is over. */
export async function waitFor<T>(
  seconds: number,
  look: () => T | undefined | Promise<T | undefined>,
  everyMs = 100,
): Promise<T | null> {
  const end = performance.now() + seconds * 1000;
  for (;;) {
    const found = await look();
    if (found !== undefined) return found;
    if (performance.now() >= end) return null;
    await pause(everyMs);
  }
}
