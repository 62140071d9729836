import { spawn } from 'node:child_process';
import { open, readFile, rename, stat } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import type { Binaries } from './binaries.ts';
import { becomesTrue, readPostmasterFile, stopPostmaster } from './postmaster.ts';
import { spawnOptions } from './run-program.ts';
import { serverSettings } from './server-settings.ts';
import type { ServerPlace } from './server-place.ts';

export type RunningServer = { port: number; exited: Promise<void>; stop(): Promise<NodeJS.Signals | undefined> };

/** Long, because after a crash the server first replays its log. */
const START_PATIENCE_MS = 120_000;
const PORT_ATTEMPTS = 5;
const LOG_LIMIT_BYTES = 10_000_000;

type LaunchOptions = { place: ServerPlace; binaries: Binaries; logFile: string; durable: boolean };

/** Starts the server on a free port. If another process takes that port first, the start is tried again. */
export async function launchServer(options: LaunchOptions): Promise<RunningServer> {
  for (let attempt = 1; ; attempt += 1) {
    const server = await launchOnPort(await findFreePort(), options);
    if (!('failure' in server)) return server;
    const portTaken = /could not bind|could not create any TCP\/IP sockets/.test(server.failure);
    if (!portTaken || attempt === PORT_ATTEMPTS)
      throw new Error(`PostgreSQL did not start: ${server.failure} (${options.logFile})`);
  }
}

async function launchOnPort(
  port: number,
  { place, binaries, logFile, durable }: LaunchOptions,
): Promise<RunningServer | { failure: string }> {
  const cluster = join(place.directory, 'cluster');
  const before = await rotateLog(logFile);
  const log = await open(logFile, 'a', 0o600);
  const child = spawn(binaries.program('postgres'), ['-D', cluster, ...serverSettings({ port, durable })], {
    ...spawnOptions(place.account),
    stdio: ['ignore', log.fd, log.fd],
  });
  let gone = false;
  const exited = new Promise<void>((resolve) => {
    const ended = () => resolve(void (gone = true));
    child.once('exit', ended).once('error', ended);
  });
  await log.close();
  const stop = async () => {
    if (gone) return undefined;
    child.ref(); // or a process with nothing else left to do would end in the middle of this
    return await stopPostmaster(
      (signal) => child.kill(signal),
      () => gone,
    );
  };

  const ready = await becomesTrue(async () => {
    const file = await readPostmasterFile(cluster);
    return gone || (file?.pid === child.pid && file?.ready === true);
  }, START_PATIENCE_MS);
  if (gone)
    return { failure: (await readFile(logFile)).subarray(before).toString().trim() || 'it ended without a word' };
  if (!ready) {
    await stop();
    return { failure: `not ready after ${START_PATIENCE_MS / 1000} s` };
  }
  child.unref();
  return { port, exited, stop };
}

/** Returns the size of the log so far. What follows was written by this start. */
async function rotateLog(logFile: string): Promise<number> {
  const size = (await stat(logFile).catch(() => undefined))?.size ?? 0;
  if (size < LOG_LIMIT_BYTES) return size;
  await rename(logFile, `${logFile}.1`);
  return 0;
}

function findFreePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer().once('error', reject);
    probe.listen(0, '127.0.0.1', () => {
      const { port } = probe.address() as AddressInfo;
      probe.close(() => resolve(port));
    });
  });
}
