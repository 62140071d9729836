import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PgBoss } from 'pg-boss';
import pg from 'pg';
import type { TestProject } from 'vitest/node';
import { openDatabase } from '../../src/db/database.ts';
import { startEmbeddedPostgres } from '../../src/db/embedded-postgres.ts';
import { migrateToLatest } from '../../src/db/migrate.ts';
import { TEMPLATE, TEST_DATABASE_PREFIX } from './test-postgres-names.ts';

declare module 'vitest' {
  export interface ProvidedContext {
    /** A URL of the run's PostgreSQL; `createTestDatabase()` is what tests want. */
    postgresUrl: string;
  }
}

const DIRECTORY_PREFIX = 'calendly-reconnect-test-';

/** One PostgreSQL for the run, with a migrated database for every test file's own to be cloned from. */
export default async function testPostgres(project: TestProject): Promise<() => Promise<void>> {
  await removeAbandoned();
  const dataDir = await mkdtemp(join(tmpdir(), DIRECTORY_PREFIX));
  const postgres = await startEmbeddedPostgres({ dataDir, database: TEMPLATE, durable: false });
  await fillTemplate(postgres.url);
  project.provide('postgresUrl', postgres.url.replace(TEMPLATE, 'postgres'));

  return async () => {
    const kept = await keptDatabases(postgres.url.replace(TEMPLATE, 'postgres'));
    await postgres.stop();
    if (kept.length === 0) return await rm(dataDir, { recursive: true });
    console.error(`Databases of failed tests: ${kept.join(', ')}. Until the next run: node test/support/open-kept-databases.ts ${dataDir}`);
  };
}

/** pg-boss's tables too: creating them costs more than all the rest of a test's start. */
async function fillTemplate(url: string): Promise<void> {
  const database = openDatabase({ url, max: 1 });
  await migrateToLatest(database.db);
  await database.close();
  const boss = new PgBoss({ connectionString: url, schema: 'pgboss', max: 1, supervise: false, schedule: false });
  boss.on('error', () => {});
  await boss.start();
  await boss.stop({ graceful: false });
}

async function keptDatabases(adminUrl: string): Promise<string[]> {
  const client = new pg.Client({ connectionString: adminUrl });
  await client.connect();
  const { rows } = await client.query<{ datname: string }>('select datname from pg_database where starts_with(datname, $1)', [TEST_DATABASE_PREFIX]);
  await client.end();
  return rows.map((row) => row.datname);
}

/** Runs that were killed leave a server and its data; those of a run going on are locked and stay. */
async function removeAbandoned(): Promise<void> {
  for (const name of await readdir(tmpdir())) {
    if (!name.startsWith(DIRECTORY_PREFIX)) continue;
    const dataDir = join(tmpdir(), name);
    try {
      const postgres = await startEmbeddedPostgres({ dataDir, database: TEMPLATE, durable: false });
      await postgres.stop();
      await rm(dataDir, { recursive: true });
    } catch {
      // in use by another run, or another user's
    }
  }
}
