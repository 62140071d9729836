import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { takeDataDirLock } from './embedded/data-dir-lock.ts';
import { chooseServerPlace } from './embedded/server-place.ts';
import { stopLeftover } from './embedded/stop-leftover.ts';

/** Deletes a data directory, what it keeps elsewhere and a server left running in it. Throws if it is in use. */
export async function removeEmbeddedPostgres(dataDir: string): Promise<void> {
  const silent = { info: () => {}, warn: () => {} };
  const lock = await takeDataDirLock(dataDir);
  try {
    const { directory } = await chooseServerPlace(dataDir, silent);
    await stopLeftover(join(directory, 'cluster'), silent);
    await rm(directory, { recursive: true });
    await rm(dataDir, { recursive: true, force: true });
  } finally {
    lock.release();
  }
}
