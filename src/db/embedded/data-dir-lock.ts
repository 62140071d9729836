import { open, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';

export type DataDirLock = { release(): void };

/**
 * One service per data directory. The lock is the kernel's (that of a SQLite file, Node has no other): it ends with
 * its process, however that ends, so there are no stale locks to judge and no process ids to mistake for others.
 */
export async function takeDataDirLock(dataDir: string): Promise<DataDirLock> {
  const lockFile = join(dataDir, 'lock');
  const holderFile = join(dataDir, 'lock-holder');
  await (await open(lockFile, 'a', 0o600)).close(); // SQLite would make it readable, and so lockable, for everybody
  const database = new DatabaseSync(lockFile);
  try {
    database.exec('PRAGMA busy_timeout = 0; PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE');
  } catch (error) {
    database.close();
    if (!/locked/.test((error as Error).message)) throw error;
    const holder = await readFile(holderFile, 'utf8').catch(() => '');
    throw new Error(`${dataDir} is already in use${holder && ` by pid ${holder.trim()}`}: one service per data directory. Stop that one, or set DATABASE_URL.`);
  }
  await writeFile(holderFile, `${process.pid}\n`, { mode: 0o600 });
  return { release: () => database.isOpen && database.close() };
}
