import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';

export type DataDirLock = { release(): void };

/** Two that start in the same moment can both find the file busy for an instant. */
const BUSY_TIMEOUT_MS = 200;

/**
 * One service per data directory. The lock is the kernel's (that of a SQLite file: Node has no other): it ends with
 * its process, however that ends, so there are no stale locks to judge and no process ids to mistake for others.
 */
export async function takeDataDirLock(dataDir: string): Promise<DataDirLock> {
  const lockFile = join(dataDir, 'lock');
  const holderFile = join(dataDir, 'lock-holder');
  await createPrivately(lockFile);
  const database = new DatabaseSync(lockFile, { timeout: BUSY_TIMEOUT_MS });
  try {
    database.exec('PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE');
  } catch (error) {
    database.close();
    if (!/locked/.test((error as Error).message)) throw error;
    const holder = (await readFile(holderFile, 'utf8').catch(() => '')).trim();
    throw new Error(
      `${dataDir} is already in use${holder && ` by pid ${holder}`}: one service per data directory. Stop that one, or set DATABASE_URL.`,
      { cause: error },
    );
  }
  await writeFile(holderFile, `${process.pid}\n`, { mode: 0o600 });
  return { release: () => database.isOpen && database.close() };
}

/**
 * SQLite would make it readable, and so lockable, for everybody. Only ever create it: POSIX drops a process's locks on
 * a file as soon as it closes *any* descriptor of that file.
 */
async function createPrivately(file: string): Promise<void> {
  await writeFile(file, '', { flag: 'wx', mode: 0o600 }).catch((error: unknown) => {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  });
}
