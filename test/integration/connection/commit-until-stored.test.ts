import { createServer, connect, type AddressInfo, type Socket } from 'node:net';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { commitUntilStored } from '../../../src/connection/dispatch/commit-until-stored.ts';
import { openDatabase } from '../../../src/db/database.ts';
import { createTestDatabase, type TestDatabase } from '../../support/postgres/test-database.ts';

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
  await database.pool.query('create table kept (run int)');
});
afterAll(() => database.close());

/** A way to the database that breaks at a COMMIT: before the server hears of it, or before its answer comes back. */
async function breakingAt(moment: 'before the commit' | 'after the commit') {
  const server = new URL(database.url);
  const sockets: Socket[] = [];
  let armed = true;
  const proxy = createServer((client) => {
    const upstream = connect(Number(server.port), server.hostname);
    sockets.push(client, upstream);
    for (const socket of [client, upstream]) socket.on('error', () => {});
    client.on('close', () => upstream.destroy());
    upstream.on('close', () => client.destroy());
    let isCut = false;
    client.on('data', (sent) => {
      if (armed && /\bcommit\b/i.test(sent.toString('latin1'))) {
        armed = false;
        if (moment === 'before the commit') return void client.destroy();
        isCut = true;
      }
      upstream.write(sent);
    });
    upstream.on('data', (answer) => (isCut ? client.destroy() : client.write(answer)));
  });
  await new Promise<void>((done) => proxy.listen(0, '127.0.0.1', done));
  const url = new URL(database.url);
  url.port = String((proxy.address() as AddressInfo).port);
  const opened = openDatabase({ url: url.href });
  return {
    db: opened.db,
    wasCut: () => !armed,
    async close() {
      await opened.close();
      for (const socket of sockets) socket.destroy();
      await new Promise((done) => proxy.close(done));
    },
  };
}

test.each([
  ['before the commit', [2]],
  ['after the commit', [1]],
] as const)('a connection that breaks %s: stored once', async (moment, runs) => {
  const way = await breakingAt(moment);
  await database.pool.query('delete from kept');
  let run = 0;
  try {
    const result = await commitUntilStored(way, 'acme', async (trx) => {
      run++;
      await trx
        .insertInto('kept' as never)
        .values({ run } as never)
        .execute();
      return run;
    });
    expect(way.wasCut()).toBe(true);
    const { rows } = await database.pool.query<{ run: number }>('select run from kept');
    expect(rows.map((row) => row.run)).toEqual(runs);
    expect(result).toBe(runs[0]);
  } finally {
    await way.close();
  }
});
