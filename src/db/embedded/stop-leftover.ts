import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { EmbeddedPostgresLog } from '../embedded-postgres.ts';
import { becomesTrue, processesOfCluster, readPostmasterFile, stopServer } from './postmaster.ts';

/** Session processes notice within moments that their postmaster died. */
const ORPHAN_PATIENCE_MS = 5_000;

/**
 * `kill -9` of the service leaves its server running. Nobody else uses it (we hold the lock of the data directory), so
 * it is stopped and started anew: sessions and locks of the dead service go with it.
 */
export async function stopLeftover(cluster: string, log: EmbeddedPostgresLog): Promise<void> {
  const file = await readPostmasterFile(cluster);
  const processes = await processesOfCluster(cluster);
  if (file && processes.includes(file.pid)) {
    log.warn(`a PostgreSQL (pid ${file.pid}) of an earlier run is still running in ${cluster}: stopping it`);
    await stopServer(
      (signal) => signalIfAlive(file.pid, signal),
      async () => !(await processesOfCluster(cluster)).includes(file.pid),
    );
  }
  const withoutProcesses = async () => (await processesOfCluster(cluster)).length === 0;
  if (!(await becomesTrue(withoutProcesses, ORPHAN_PATIENCE_MS))) {
    for (const pid of await processesOfCluster(cluster)) signalIfAlive(pid, 'SIGKILL');
    if (!(await becomesTrue(withoutProcesses, ORPHAN_PATIENCE_MS))) throw new Error(`Processes of an earlier PostgreSQL in ${cluster} do not end`);
  }
  // PostgreSQL refuses to start while the process id in this file belongs to any process at all; by now it is a stranger's
  await rm(join(cluster, 'postmaster.pid'), { force: true });
}

function signalIfAlive(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}
