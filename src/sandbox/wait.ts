import { setTimeout as sleep } from 'node:timers/promises';

/** Resolves after the time, or at once when the sandbox stops: nobody waits for a fault that nobody sees any more. */
export async function wait(milliseconds: number, stopping: AbortSignal): Promise<void> {
  await sleep(milliseconds, undefined, { signal: stopping }).catch(() => undefined);
}
