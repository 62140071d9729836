import { PgBoss } from 'pg-boss';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../../support/postgres/test-database.ts';

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
  const boss = new PgBoss({
    connectionString: first.url,
    schema: 'pgboss',
    migrate: false,
    supervise: false,
    schedule: false,
  });
  await boss.start();
  await boss.createQueue('effects');
  expect(await boss.send('effects', {})).toEqual(expect.any(String));
  await boss.stop({ graceful: false });
});
