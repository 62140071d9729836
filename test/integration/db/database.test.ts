import { sql } from 'kysely';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openDatabase } from '../../../src/db/database.ts';
import { createTestDatabase, type TestDatabase } from '../../support/postgres/test-database.ts';
import { waitFor } from '../../support/service/wait-for.ts';

let database: TestDatabase;

beforeAll(async () => void (database = await createTestDatabase()));
afterAll(() => database.close());

test('bigint is read as a number, timestamptz as a Date', async () => {
  const { rows } =
    await sql`select 9007199254740991::bigint as n, timestamptz '2026-01-02 03:04:05.678+02' as at`.execute(
      database.db,
    );
  expect(rows).toEqual([{ n: Number.MAX_SAFE_INTEGER, at: new Date('2026-01-02T01:04:05.678Z') }]);
  await expect(sql`select 9007199254740993::bigint as n`.execute(database.db)).rejects.toThrow('does not fit');
});

test('a broken idle connection is logged and replaced', async () => {
  const warnings: string[] = [];
  const { db, close } = openDatabase({
    url: database.url,
    max: 1,
    log: { warn: (_, message) => warnings.push(message) },
  });
  const { rows } = await sql<{ pid: number }>`select pg_backend_pid() as pid`.execute(db);
  await sql`select pg_terminate_backend(${rows[0]!.pid})`.execute(database.db);
  await waitFor(() => warnings.includes('an idle database connection broke'), { describe: 'the warning' });
  expect((await sql`select 1 as one`.execute(db)).rows).toEqual([{ one: 1 }]);
  await close();
});

test('close() ends the pool whoever used it, and can be called twice', async () => {
  const { pool, close } = openDatabase({ url: database.url });
  await pool.query('select 1');
  await Promise.all([close(), close()]);
  expect([pool.totalCount, pool.ended]).toEqual([0, true]);
});
