import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { inspect } from 'node:util';
import type { Kysely } from 'kysely';
import { FileMigrationProvider, Migrator } from 'kysely/migration';
import type { Database } from './database.ts';

const MIGRATIONS = fileURLToPath(new URL('../../migrations', import.meta.url));

/**
 * Brings the schema up to date, or throws. Instances that start at once wait for each other at the migration lock.
 * All pending migrations share one transaction: a failed one leaves the database as it was.
 */
export async function migrateToLatest(db: Kysely<Database>, folder: string = MIGRATIONS): Promise<void> {
  const provider = new FileMigrationProvider({
    fs: { readdir },
    path: { join },
    migrationFolder: folder,
    import: (path) => import(pathToFileURL(path).href),
    onFileIgnored: (name) => {
      throw new Error(`${name} in ${folder} is not a migration: it has to be a .ts file that exports \`up\``);
    },
  });
  const { error, results } = await new Migrator({ db, provider }).migrateToLatest();
  if (error === undefined) return;
  const failed = results?.find((result) => result.status === 'Error')?.migrationName;
  const reason = error instanceof Error ? error.message : inspect(error);
  throw new Error(`The database could not be migrated${failed ? ` (${failed})` : ''}: ${reason}`, { cause: error });
}
