import { sql } from 'kysely';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openDatabase } from '../../../src/db/database.ts';
import { prepared } from '../../../src/db/prepared-statements.ts';
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

test('a marked statement is planned once for a connection, and goes on after a later release added a column; not where a pool is in between', async () => {
  const kept = async (pooled: boolean) => {
    const { db, close } = openDatabase({ url: database.url, max: 1, pooled });
    const read = (id: number) => sql`${prepared('read-marked')} select id from marked where id = ${id}`.execute(db);
    await sql`create table marked (id integer)`.execute(db);
    await sql`insert into marked values (1), (2)`.execute(db);
    await read(1);
    await sql`alter table marked add column added text`.execute(db);
    expect((await read(2)).rows).toEqual([{ id: 2 }]);
    const { rows } = await sql`select name from pg_prepared_statements`.execute(db);
    await sql`drop table marked`.execute(db);
    await close();
    return rows;
  };
  expect(await kept(false)).toEqual([{ name: 'read-marked' }]);
  expect(await kept(true)).toEqual([]);
});

test('close() ends the pool whoever used it, and can be called twice', async () => {
  const { pool, close } = openDatabase({ url: database.url });
  await pool.query('select 1');
  await Promise.all([close(), close()]);
  expect([pool.totalCount, pool.ended]).toEqual([0, true]);
});
