import { existsSync } from 'node:fs';
import { mkdtemp, readdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PgBoss } from 'pg-boss';
import pg from 'pg';
import type { TestProject } from 'vitest/node';
import { openDatabase } from '../../../src/db/database.ts';
import { startEmbeddedPostgres } from '../../../src/db/embedded-postgres.ts';
import { migrateToLatest } from '../../../src/db/migrate.ts';
import { removeEmbeddedPostgres } from '../../../src/db/remove-embedded-postgres.ts';
import { startInstalledPostgres } from './installed-postgres.ts';
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
  const installed = process.env['TEST_POSTGRES_BIN'];
  if (installed !== undefined) return withInstalledPostgres(project, installed);
  await removeAbandoned();
  const dataDir = await mkdtemp(join(tmpdir(), DIRECTORY_PREFIX));
  const postgres = await startEmbeddedPostgres({ dataDir, database: TEMPLATE, durable: false });
  try {
    await fillTemplate(postgres.url);
  } catch (error) {
    await postgres.stop();
    await removeEmbeddedPostgres(dataDir);
    throw error;
  }
  project.provide('postgresUrl', postgres.url.replace(TEMPLATE, 'postgres'));

  return async () => {
    const kept = await keptDatabases(postgres.url.replace(TEMPLATE, 'postgres'));
    await postgres.stop();
    if (kept.length === 0) return await removeEmbeddedPostgres(dataDir);
    console.error(
      `Databases of failed tests: ${kept.join(', ')}. Until the next run: node test/support/postgres/open-kept-databases.ts ${dataDir}`,
    );
  };
}

/** `TEST_POSTGRES_BIN`: another PostgreSQL than the one that comes along, by the folder of its programs. */
async function withInstalledPostgres(project: TestProject, bin: string): Promise<() => Promise<void>> {
  const postgres = await startInstalledPostgres(bin);
  console.log(`The tests run on ${postgres.version}.`);
  const admin = new pg.Client({ connectionString: postgres.url });
  await admin.connect();
  await admin.query(`create database ${TEMPLATE}`);
  await admin.end();
  await fillTemplate(postgres.url.replace(/postgres$/, TEMPLATE));
  project.provide('postgresUrl', postgres.url);
  return () => postgres.stop();
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
  const { rows } = await client.query<{ datname: string }>(
    'select datname from pg_database where starts_with(datname, $1)',
    [TEST_DATABASE_PREFIX],
  );
  await client.end();
  return rows.map((row) => row.datname);
}

/** Runs that were killed leave a server and its data; those of a run going on are locked and stay. */
async function removeAbandoned(): Promise<void> {
  for (const name of await readdir(tmpdir())) {
    const dataDir = join(tmpdir(), name);
    // without a holder, it may be one that another run is about to lock
    if (!name.startsWith(DIRECTORY_PREFIX) || !existsSync(join(dataDir, 'lock-holder'))) continue;
    await removeEmbeddedPostgres(dataDir).catch(() => {}); // in use by another run, or another user's
  }
}
