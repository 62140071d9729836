import { readdir, readFile, readlink, realpath } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { runProgram } from './run-program.ts';

const POLL_MS = 20;

/** SIGINT ends sessions and writes a checkpoint; SIGQUIT leaves recovery to the next start; SIGKILL is for the frozen. */
const STOP_STEPS = [
  ['SIGINT', 30_000],
  ['SIGQUIT', 5_000],
  ['SIGKILL', 5_000],
] as const;

/** What a server writes about itself into its cluster's postmaster.pid. */
export async function readPostmasterFile(cluster: string): Promise<{ pid: number; ready: boolean } | undefined> {
  const text = await readFile(join(cluster, 'postmaster.pid'), 'utf8').catch(() => undefined);
  if (text === undefined) return undefined;
  const lines = text.split('\n');
  return { pid: Math.abs(Number(lines[0])), ready: lines[7]?.trim() === 'ready' };
}

/** Every living server process of this very cluster: each has it as its working directory, no other process id counts. */
export async function processesOfCluster(cluster: string): Promise<number[]> {
  const path = await realpath(cluster).catch(() => cluster);
  if (process.platform !== 'linux') return await postmasterByCommand(path);
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name)).map(Number);
  const serving = await Promise.all(pids.map((pid) => servesCluster(pid, path)));
  return pids.filter((_, index) => serving[index]);
}

async function servesCluster(pid: number, cluster: string): Promise<boolean> {
  try {
    if ((await readlink(`/proc/${pid}/cwd`)) !== cluster) return false;
    return (await readFile(`/proc/${pid}/comm`, 'utf8')).trim() === 'postgres';
  } catch {
    return false; // gone, a zombie, or another user's, so not one that we started
  }
}

/** Without /proc: the process named in postmaster.pid, if its command line is the one that we start servers with. */
async function postmasterByCommand(cluster: string): Promise<number[]> {
  const file = await readPostmasterFile(cluster);
  if (!file) return [];
  const { ok, output } = await runProgram('/bin/ps', ['-o', 'command=', '-p', String(file.pid)]);
  return ok && output.includes(`postgres -D ${cluster} `) ? [file.pid] : [];
}

/** Fast stop, then harder ones. Returns the signal that it took, or throws when even SIGKILL did not end it. */
export async function stopServer(send: (signal: NodeJS.Signals) => void, isGone: () => boolean | Promise<boolean>): Promise<NodeJS.Signals> {
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
