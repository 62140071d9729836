import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { EmbeddedPostgresLog } from './embedded-postgres-log.ts';
import { becomesTrue, readPostmasterFile, stopPostmaster } from './postmaster.ts';
import { processesOfCluster } from './processes-of-cluster.ts';

/** Session processes end within moments after their postmaster. */
const ORPHAN_PATIENCE_MS = 5_000;

/**
 * After a `kill -9` of the service, its server still runs. No other service uses it, because we hold the lock of the data directory. So it
 * is stopped and started again, which ends the sessions and locks of the dead service.
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
  // PostgreSQL does not start as long as any process has the id in this file. By now that is another program, or a zombie.
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
