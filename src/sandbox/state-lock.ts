import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import type * as Sqlite from 'node:sqlite';

/**
 * Only one sandbox may use a state file, because two would overwrite each other's tokens and bookings. The lock belongs to the kernel (it
 * is that of a SQLite file beside the state file), so it ends with the process, however the process ends. Node before 22.13 has no SQLite,
 * and then there is no lock.
 */
export function lockState(stateFile: string): () => void {
  const sqlite: typeof Sqlite | undefined = process.getBuiltinModule('node:sqlite');
  if (sqlite === undefined) return () => {};
  mkdirSync(dirname(stateFile), { recursive: true, mode: 0o711 });
  const lock = new sqlite.DatabaseSync(`${stateFile}.lock`, { timeout: 200 });
  try {
    lock.exec('PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE');
  } catch (error) {
    lock.close();
    if (!/locked/.test((error as Error).message)) throw error;
    throw new Error(`${stateFile} is in use by another sandbox: stop that one, or give this one a file of its own.`, {
      cause: error,
    });
  }
  return () => lock.isOpen && lock.close();
}
