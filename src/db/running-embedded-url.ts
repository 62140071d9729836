import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { SUPERUSER } from './embedded/create-cluster.ts';

/**
 * The URL of the embedded PostgreSQL of a service that runs with this data directory; undefined if none runs. For reading beside the
 * service, which has locked the directory.
 */
export async function runningEmbeddedUrl(
  dataDir: string,
  database = 'calendly_reconnect',
): Promise<string | undefined> {
  const read = (file: string) => readFile(file, 'utf8').catch(() => undefined);
  const outside = await read(join(dataDir, 'location.json'));
  const directory = outside === undefined ? dataDir : (JSON.parse(outside) as { directory: string }).directory;
  const password = (await read(join(dataDir, 'password')))?.trim();
  const postmaster = (await read(join(directory, 'cluster', 'postmaster.pid')))?.split('\n');
  // The lines of postmaster.pid: process, data directory, start time, port, …, state.
  const [pid, port, state] = [Number(postmaster?.[0]), Number(postmaster?.[3]), postmaster?.[7]?.trim()];
  if (password === undefined || state !== 'ready' || !isRunning(pid)) return undefined;
  return `postgres://${SUPERUSER}:${password}@127.0.0.1:${port}/${database}`;
}

function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
