import { execFileSync } from 'node:child_process';
import { lstatSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { freePort } from '../../support/service/free-port.ts';
import { waitFor } from '../../support/service/wait-for.ts';
import { startProcesses } from '../start-processes.ts';
import { residentMegabytes } from '../resident-megabytes.ts';

/** After a start; the first collections of garbage are over by then. */
const IDLE_MS = 10_000;

/** What it needs to be there, and to stand still. */
export async function measureSizes(): Promise<Record<string, string>> {
  const packages = execFileSync('npm', ['ls', '--omit=dev', '--all', '--parseable'], { encoding: 'utf8' })
    .trim()
    .split('\n')
    .slice(1);
  const bytes = [...new Set(packages)].reduce((sum, folder) => sum + bytesOf(folder), 0);
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const processes = await startProcesses(url);
  try {
    const start = async () => {
      const begun = performance.now();
      const child = await processes.start(port);
      await waitFor(async () => (await fetch(`${url}/health/ready`)).status === 200, { describe: 'readiness' });
      return { child, ms: performance.now() - begun };
    };
    const first = await start();
    await first.child.terminate();
    const { child, ms } = await start();
    await delay(IDLE_MS);
    return {
      'packages of a production install': `${packages.length}, ${Math.round(bytes / 1024 / 1024)} MB`,
      'from the start of the process until it is ready, compiled before': `${Math.round(ms)} ms`,
      '… the first time, on an empty database': `${Math.round(first.ms)} ms`,
      'memory of the idle process': `${residentMegabytes(child.pid)} MB`,
      'its largest packages': largest(packages),
    };
  } finally {
    await processes.close();
  }
}

function largest(packages: readonly string[]): string {
  return packages
    .map((folder) => ({
      name: JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')).name as string,
      bytes: bytesOf(folder),
    }))
    .sort((one, other) => other.bytes - one.bytes)
    .slice(0, 5)
    .map(({ name, bytes }) => `${name} ${(bytes / 1024 / 1024).toFixed(1)} MB`)
    .join(', ');
}

/** Of a package without those that are installed inside of it. */
function bytesOf(folder: string): number {
  return readdirSync(folder, { withFileTypes: true })
    .filter(({ name }) => name !== 'node_modules')
    .reduce((sum, entry) => {
      const path = join(folder, entry.name);
      return sum + (entry.isDirectory() ? bytesOf(path) : lstatSync(path).size);
    }, 0);
}
