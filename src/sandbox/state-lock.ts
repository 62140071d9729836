import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import type * as Sqlite from 'node:sqlite';

/**
 * One sandbox per state file: two would write over each other's tokens and bookings. The lock is the kernel's, on a SQLite file beside
 * it, and ends with its process however that ends. A Node that has no SQLite (before 22.13) goes without.
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
