import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type * as Sqlite from 'node:sqlite';

export type DataDirLock = { release(): void };

/** A person can correct this, so it is shown without a stack. */
export class DataDirInUseError extends Error {
  override name = 'DataDirInUseError';
}

/** If two services start at the same moment, both can find the file busy for an instant. */
const BUSY_TIMEOUT_MS = 200;

/**
 * One service per data directory. The lock belongs to the kernel (it is that of a SQLite file, because Node has no other), so it ends with
 * the process, however the process ends. So there are no old locks to judge, and no process ids that another process may have by now.
 */
export async function takeDataDirLock(dataDir: string): Promise<DataDirLock> {
  const lockFile = join(dataDir, 'lock');
  const holderFile = join(dataDir, 'lock-holder');
  await createPrivately(lockFile);
  // Not imported, because Node before 22.13 has it only behind a flag.
  const sqlite: typeof Sqlite | undefined = process.getBuiltinModule('node:sqlite');
  if (sqlite === undefined)
    throw new DataDirInUseError(
      `The embedded PostgreSQL needs Node 22.13 or later to lock ${dataDir}. Set DATABASE_URL, or use a later Node.`,
    );
  const database = new sqlite.DatabaseSync(lockFile, { timeout: BUSY_TIMEOUT_MS });
  try {
    database.exec('PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE');
  } catch (error) {
    database.close();
    if (!/locked/.test((error as Error).message)) throw error;
    const holder = (await readFile(holderFile, 'utf8').catch(() => '')).trim();
    throw new DataDirInUseError(
      `${dataDir} is already in use${holder && ` by pid ${holder}`}: one service per data directory. Stop that one, or set DATA_DIR or DATABASE_URL.`,
      { cause: error },
    );
  }
  await writeFile(holderFile, `${process.pid}\n`, { mode: 0o600 });
  return { release: () => database.isOpen && database.close() };
}

/**
 * SQLite would make the file readable for everybody, and so everybody could lock it. The file is only created, never opened again here:
 * POSIX drops a process's locks on a file as soon as it closes *any* descriptor of that file.
 */
async function createPrivately(file: string): Promise<void> {
  await writeFile(file, '', { flag: 'wx', mode: 0o600 }).catch((error: unknown) => {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  });
}
