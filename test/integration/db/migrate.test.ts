import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sql } from 'kysely';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { type OpenDatabase, openDatabase } from '../../../src/db/database.ts';
import { listForeign, migrateToLatest } from '../../../src/db/migrate.ts';
import { createTestDatabase, type TestDatabase } from '../../support/postgres/test-database.ts';

let testDatabase: TestDatabase;
let instances: OpenDatabase[];
let folder: string;

beforeAll(async () => {
  testDatabase = await createTestDatabase();
  instances = Array.from({ length: 4 }, () => openDatabase({ url: testDatabase.url, max: 2 }));
});
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'migrations-'));
  await testDatabase.pool.query('drop schema public cascade; create schema public');
  return () => rm(folder, { recursive: true });
});
afterAll(() => Promise.all([testDatabase.close(), ...instances.map((instance) => instance.close())]));

const write = (name: string, source: string) => writeFile(join(folder, name), source);
const tables = async () =>
  (
    await sql<{
      name: string;
    }>`select table_name as name from information_schema.tables where table_schema = 'public' order by 1`.execute(
      testDatabase.db,
    )
  ).rows.map((row) => row.name);

test('migrations run once, in order, however many instances start at the same moment', async () => {
  await write(
    '0001_first.ts',
    `export async function up(db: any): Promise<void> { await db.schema.createTable('first').addColumn('id', 'integer').execute(); }`,
  );
  await write(
    '0002_second.ts',
    `export async function up(db: any): Promise<void> { await db.schema.alterTable('first').renameTo('second').execute(); }`,
  );
  await Promise.all(instances.map(({ db }) => migrateToLatest(db, folder)));
  await migrateToLatest(testDatabase.db, folder);
  expect(await tables()).toEqual(['kysely_migration', 'kysely_migration_lock', 'second']);
});

test('a failing migration is named, and leaves the schema as it was', async () => {
  await write(
    '0001_good.ts',
    `export async function up(db: any) { await db.schema.createTable('good').addColumn('id', 'integer').execute(); }`,
  );
  await write('0002_bad.ts', `export async function up(db: any) { await db.schema.dropTable('not_there').execute(); }`);
  await expect(migrateToLatest(testDatabase.db, folder)).rejects.toThrow(
    'The database could not be migrated (0002_bad): table "not_there" does not exist',
  );
  expect(await tables()).not.toContain('good');
});

test('what a newer release has migrated stays as it is, and what this one brings is run, whatever its number', async () => {
  await write('0003_newer.ts', `export async function up() {}`);
  await migrateToLatest(testDatabase.db, folder);
  await rm(join(folder, '0003_newer.ts'));
  await write('0002_late.ts', `export async function up() {}`);
  expect(await listForeign(testDatabase.db, folder)).toEqual(['0003_newer']);
  expect(await migrateToLatest(testDatabase.db, folder)).toEqual(['0002_late']);
  expect(await migrateToLatest(testDatabase.db, folder)).toEqual([]);
});

test('a file that is no migration is an error, not silence', async () => {
  await write('0001_first.sql', 'select 1');
  await expect(migrateToLatest(testDatabase.db, folder)).rejects.toThrow('0001_first.sql');
  await rm(join(folder, '0001_first.sql'));
  await write('0001_first.ts', 'export const down = () => {};');
  await expect(migrateToLatest(testDatabase.db, folder)).rejects.toThrow('0001_first.ts');
});
