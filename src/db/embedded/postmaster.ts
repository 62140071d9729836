import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';

const POLL_MS = 20;

/** SIGINT ends sessions and writes a checkpoint. SIGQUIT leaves recovery to the next start. SIGKILL ends a frozen server. */
const STOP_STEPS = [
  ['SIGINT', 30_000],
  ['SIGQUIT', 5_000],
  ['SIGKILL', 5_000],
] as const;

/** What a server writes about itself into postmaster.pid in its cluster. */
export async function readPostmasterFile(cluster: string): Promise<{ pid: number; ready: boolean } | undefined> {
  const text = await readFile(join(cluster, 'postmaster.pid'), 'utf8').catch(() => undefined);
  if (text === undefined) return undefined;
  const lines = text.split('\n');
  return { pid: Math.abs(Number(lines[0])), ready: lines[7]?.trim() === 'ready' };
}

/** Tries a fast stop, then harder ones. Returns the signal that worked. Throws if even SIGKILL did not end it. */
export async function stopPostmaster(
  send: (signal: NodeJS.Signals) => void,
  isGone: () => boolean | Promise<boolean>,
): Promise<NodeJS.Signals> {
  for (const [signal, patienceMs] of STOP_STEPS) {
    send(signal);
    if (await becomesTrue(isGone, patienceMs)) return signal;
  }
  throw new Error('PostgreSQL did not end, not even by SIGKILL');
}

export async function becomesTrue(condition: () => boolean | Promise<boolean>, patienceMs: number): Promise<boolean> {
  const deadline = performance.now() + patienceMs;
  for (;;) {
    if (await condition()) return true;
    if (performance.now() > deadline) return false;
    await pause(POLL_MS);
  }
}
