import { PgBoss } from 'pg-boss';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../../support/test-database.ts';

let first: TestDatabase;
let second: TestDatabase;

beforeAll(async () => {
  [first, second] = await Promise.all([createTestDatabase(), createTestDatabase()]);
});
afterAll(() => Promise.all([first.close(), second.close()]));

test('test databases are apart from each other', async () => {
  await first.pool.query('create table only_here (id int)');
  await expect(second.pool.query('select * from only_here')).rejects.toThrow('does not exist');
});

test('a test database has the tables of pg-boss already', async () => {
  const boss = new PgBoss({ connectionString: first.url, schema: 'pgboss', migrate: false, supervise: false, schedule: false });
  await boss.start();
  await boss.createQueue('effects');
  expect(await boss.send('effects', {})).toEqual(expect.any(String));
  await boss.stop({ graceful: false });
});

test('bigint is read as a number, timestamptz as a Date', async () => {
  const { rows } = await first.pool.query(`select 9007199254740991::bigint as n, timestamptz '2026-01-02 03:04:05.678+02' as at`);
  expect(rows).toEqual([{ n: Number.MAX_SAFE_INTEGER, at: new Date('2026-01-02T01:04:05.678Z') }]);
  await expect(first.pool.query('select 9007199254740993::bigint as n')).rejects.toThrow('does not fit');
});
