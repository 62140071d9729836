import { setTimeout as pause } from 'node:timers/promises';

/** What was waited for did not happen. The message says what, and what was there instead. */
export class NotInTimeError extends Error {
  override name = 'NotInTimeError';
}

/** Calls `look` every `everyMs` until it finds something. `describe` completes "… did not happen". */
export async function until<T>(
  describe: string,
  seconds: number,
  look: () => Promise<T | undefined | false>,
  everyMs = 20,
): Promise<T> {
  const end = performance.now() + seconds * 1000;
  for (;;) {
    const found = await look();
    if (found !== undefined && found !== false) return found;
    if (performance.now() > end) throw new NotInTimeError(`${describe}: not within ${seconds} s`);
    await pause(everyMs);
  }
}
