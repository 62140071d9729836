import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { inspect } from 'node:util';
import { sql, type Kysely } from 'kysely';
import { FileMigrationProvider, Migrator, type Migration, type MigrationProvider } from 'kysely/migration';
import type { Database } from './database.ts';

const MIGRATIONS = fileURLToPath(new URL('../../migrations', import.meta.url));

/**
 * Brings the schema up to date, or throws. Instances that start at once wait for each other at the migration lock.
 * All pending migrations share one transaction: a failed one leaves the database as it was. Gives the names of those it ran.
 * Those that a newer release has run stay: they only add what this one can live with, so that both can work side by side.
 */
export async function migrateToLatest(db: Kysely<Database>, folder: string = MIGRATIONS): Promise<string[]> {
  let foreign = await listForeign(db, folder);
  for (;;) {
    const provider = new WithForeign(migrationsIn(folder), foreign);
    // Two branches that are merged one after the other may have their numbers the other way round.
    const migrator = new Migrator({ db, provider, allowUnorderedMigrations: true });
    const { error, results } = await migrator.migrateToLatest();
    if (error === undefined) return (results ?? []).map(({ migrationName }) => migrationName);
    const before = foreign.length;
    foreign = await listForeign(db, folder);
    // An instance of the newer release was faster.
    if (foreign.length > before) continue;
    const failed = results?.find((result) => result.status === 'Error')?.migrationName;
    const reason = error instanceof Error ? error.message : inspect(error);
    throw new Error(`The database could not be migrated${failed ? ` (${failed})` : ''}: ${reason}`, { cause: error });
  }
}

/** The names of the migrations that this database does not have yet. Only reads. */
export async function listPending(db: Kysely<Database>, folder: string = MIGRATIONS): Promise<string[]> {
  const had = new Set(await listExecuted(db));
  const ours = await migrationsIn(folder).getMigrations();
  return Object.keys(ours)
    .sort()
    .filter((name) => !had.has(name));
}

/** The names of the migrations that a newer release has run here and this one does not know. Only reads. */
export async function listForeign(db: Kysely<Database>, folder: string = MIGRATIONS): Promise<string[]> {
  const ours = await migrationsIn(folder).getMigrations();
  return (await listExecuted(db)).filter((name) => !(name in ours));
}

async function listExecuted(db: Kysely<Database>): Promise<string[]> {
  const { rows } = await sql<{ there: boolean }>`select to_regclass('kysely_migration') is not null as there`.execute(
    db,
  );
  if (!rows[0]!.there) return [];
  const { rows: executed } = await sql<{ name: string }>`select name from kysely_migration order by name`.execute(db);
  return executed.map(({ name }) => name);
}

/** Our migrations, and the names of foreign ones: Kysely takes one that was run and cannot be found for a fault. */
class WithForeign implements MigrationProvider {
  readonly #ours: MigrationProvider;
  readonly #foreign: readonly string[];

  constructor(ours: MigrationProvider, foreign: readonly string[]) {
    this.#ours = ours;
    this.#foreign = foreign;
  }

  async getMigrations(): Promise<Record<string, Migration>> {
    const up = async () => {
      throw new Error('It is of a newer release');
    };
    return {
      ...Object.fromEntries(this.#foreign.map((name) => [name, { up }])),
      ...(await this.#ours.getMigrations()),
    };
  }
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
