import { setTimeout as sleep } from 'node:timers/promises';

/** Resolves after this time, or at once when the sandbox stops. */
export async function wait(milliseconds: number, stopping: AbortSignal): Promise<void> {
  await sleep(milliseconds, undefined, { signal: stopping }).catch(() => undefined);
}
