import { inspect } from 'node:util';
import { setTimeout as pause } from 'node:timers/promises';

const POLL_MS = 20;

export type WaitForOptions = { timeoutMs?: number; describe?: string };

/** Waits until the condition gives something truthy, and gives that back. Throws with the last value, or error, seen. */
export async function waitFor<T>(
  condition: () => T | Promise<T>,
  { timeoutMs = 5_000, describe = 'the condition' }: WaitForOptions = {},
): Promise<NonNullable<T>> {
  const deadline = performance.now() + timeoutMs;
  for (;;) {
    let last: { value: T } | { error: unknown };
    try {
      last = { value: await condition() };
      if (last.value) return last.value;
    } catch (error) {
      last = { error };
    }
    if (performance.now() > deadline) {
      const seen = 'error' in last ? `it threw ${inspect(last.error)}` : `it was ${inspect(last.value, { depth: 6 })}`;
      throw new Error(
        `Waited ${timeoutMs} ms for ${describe}: at last ${seen}`,
        'error' in last ? { cause: last.error } : undefined,
      );
    }
    await pause(POLL_MS);
  }
}
