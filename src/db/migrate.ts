import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { inspect } from 'node:util';
import { sql, type Kysely } from 'kysely';
import { FileMigrationProvider, Migrator } from 'kysely/migration';
import type { Database } from './database.ts';

const MIGRATIONS = fileURLToPath(new URL('../../migrations', import.meta.url));

/**
 * Brings the schema up to date, or throws. Instances that start at once wait for each other at the migration lock.
 * All pending migrations share one transaction: a failed one leaves the database as it was. Gives the names of those it ran.
 */
export async function migrateToLatest(db: Kysely<Database>, folder: string = MIGRATIONS): Promise<string[]> {
  const { error, results } = await new Migrator({ db, provider: migrationsIn(folder) }).migrateToLatest();
  if (error === undefined) return (results ?? []).map(({ migrationName }) => migrationName);
  const failed = results?.find((result) => result.status === 'Error')?.migrationName;
  const reason = error instanceof Error ? error.message : inspect(error);
  throw new Error(`The database could not be migrated${failed ? ` (${failed})` : ''}: ${reason}`, { cause: error });
}

/** The names of the migrations that this database has not had. Only reads. */
export async function listPending(db: Kysely<Database>, folder: string = MIGRATIONS): Promise<string[]> {
  const { rows } = await sql<{ there: boolean }>`select to_regclass('kysely_migration') is not null as there`.execute(
    db,
  );
  const all = Object.keys(await migrationsIn(folder).getMigrations()).sort();
  if (!rows[0]!.there) return all;
  const { rows: had } = await sql<{ name: string }>`select name from kysely_migration`.execute(db);
  return all.filter((name) => !had.some((row) => row.name === name));
}

function migrationsIn(folder: string): FileMigrationProvider {
  return new FileMigrationProvider({
    fs: { readdir },
    path: { join },
    migrationFolder: folder,
    import: (path) => import(pathToFileURL(path).href),
    onFileIgnored: (name) => {
      throw new Error(`${name} in ${folder} is not a migration: it must be a .ts file that exports \`up\``);
    },
  });
}
