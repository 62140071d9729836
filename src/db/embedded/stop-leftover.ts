import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { EmbeddedPostgresLog } from './embedded-postgres-log.ts';
import { becomesTrue, readPostmasterFile, stopPostmaster } from './postmaster.ts';
import { processesOfCluster } from './processes-of-cluster.ts';

/** Session processes notice within moments that their postmaster died. */
const ORPHAN_PATIENCE_MS = 5_000;

/**
 * `kill -9` of the service leaves its server running. Nobody else uses it (we hold the lock of the data directory), so
 * it is stopped and started anew: sessions and locks of the dead service go with it.
 */
export async function stopLeftover(cluster: string, log: EmbeddedPostgresLog): Promise<void> {
  const isAlive = async (pid: number) => (await processesOfCluster(cluster)).includes(pid);
  const nothingLeft = async () => (await processesOfCluster(cluster)).length === 0;

  const postmaster = await readPostmasterFile(cluster);
  if (postmaster && (await isAlive(postmaster.pid))) {
    log.warn(`a PostgreSQL (pid ${postmaster.pid}) of an earlier run still runs in ${cluster}: it is being stopped`);
    await stopPostmaster(
      (signal) => sendSignal(postmaster.pid, signal),
      async () => !(await isAlive(postmaster.pid)),
    );
  }
  if (!(await becomesTrue(nothingLeft, ORPHAN_PATIENCE_MS))) {
    for (const pid of await processesOfCluster(cluster)) sendSignal(pid, 'SIGKILL');
    if (!(await becomesTrue(nothingLeft, ORPHAN_PATIENCE_MS)))
      throw new Error(`Processes of an earlier PostgreSQL in ${cluster} do not end`);
  }
  // PostgreSQL does not start while any process at all has the id in this file. It is a stranger, or a zombie, by now
  const stale = await readPostmasterFile(cluster);
  if (stale && exists(stale.pid)) await rm(join(cluster, 'postmaster.pid'), { force: true });
}

function sendSignal(pid: number, signal: NodeJS.Signals | 0): 'sent' | 'gone' | 'not ours' {
  try {
    process.kill(pid, signal);
    return 'sent';
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ESRCH' ? 'gone' : 'not ours';
  }
}

function exists(pid: number): boolean {
  return sendSignal(pid, 0) !== 'gone';
}
