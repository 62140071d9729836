import { sql } from 'kysely';
import pg from 'pg';
import { expect, onTestFinished, test } from 'vitest';
import { openDatabase } from '../../src/db/database.ts';
import { connectTenant, connectionPath } from '../support/service/connect-tenant.ts';
import { startTestService } from '../support/service/start-test-service.ts';
import { startPgbouncer } from '../support/postgres/pgbouncer.ts';
import { createTestDatabase, type TestDatabase } from '../support/postgres/test-database.ts';
import { waitFor } from '../support/service/wait-for.ts';

/** A role of its own in an empty database, which may neither create a schema nor an extension; somebody else has made these once. */
async function handedOut(): Promise<{ database: TestDatabase; url: string }> {
  const database = await createTestDatabase({ template: 'template0' });
  onTestFinished(() => database.close());
  const role = `app_${database.name}`;
  await database.pool.query(`create role ${role} login password 'app'`);
  await database.pool.query(
    `create extension pg_trgm; create schema pgboss authorization ${role}; grant create on schema public to ${role}`,
  );
  const url = new URL(database.url);
  [url.username, url.password] = [role, 'app'];
  onTestFinished(async () => {
    const admin = new pg.Client({ connectionString: database.url });
    await admin.connect();
    await admin.query(`drop owned by ${role} cascade; drop role ${role}`);
    await admin.end();
  });
  return { database, url: url.href };
}

test('through PgBouncer in transaction mode, as a role without rights: connect, book, hear of it, disconnect', async () => {
  const { database, url } = await handedOut();
  const pool = await startPgbouncer(url);
  onTestFinished(() => pool.stop());
  const service = await startTestService({
    database: { ...database, url: pool.url },
    env: { DATABASE_LISTEN_URL: url },
  });
  onTestFinished(() => service.stop());
  await connectTenant(service, 'acme', 'alice');
  service.sandbox.controls.book({ account: 'alice', name: 'Gina', email: 'gina@guest.example' });
  await waitFor(async () => (await service.api('GET', '/v1/tenants/acme/meetings')).body.items?.length === 1);
  // Waits for a change that another connection of the pool commits: heard over the direct one.
  const started = performance.now();
  const refreshed = await service.api('POST', `${connectionPath('acme')}/connect`, { body: {} });
  expect(refreshed).toMatchObject({ status: 200, body: { authorizeUrl: null } });
  expect(performance.now() - started).toBeLessThan(5_000);
  const { status, body } = await service.api('DELETE', connectionPath('acme'));
  expect({ status, debts: body.debts }).toEqual({ status: 200, debts: [] });
  expect(service.logged.filter((line) => line.includes('"level":"error"'))).toEqual([]);
});

test('each transaction has its limits, and leaves none to the next client of the same connection', async () => {
  const { url } = await handedOut();
  const pool = await startPgbouncer(url);
  onTestFinished(() => pool.stop());
  const { db, close } = openDatabase({ url: pool.url, pooled: true, limits: { statementMs: 700, lockMs: 300 } });
  onTestFinished(() => close());
  const shown = () => sql<{ lock: string; statement: string }>`
    select current_setting('lock_timeout') as lock, current_setting('statement_timeout') as statement`;
  for (const level of [undefined, 'repeatable read'] as const) {
    const transaction = level === undefined ? db.transaction() : db.transaction().setIsolationLevel(level);
    const { rows } = await transaction.execute((trx) => shown().execute(trx));
    expect(rows).toEqual([{ lock: '300ms', statement: '700ms' }]);
  }
  expect((await shown().execute(db)).rows).toEqual([{ lock: '0', statement: '0' }]);
  // Outside a transaction, our side gives up.
  await expect(sql`select pg_sleep(3)`.execute(db)).rejects.toThrow(/timeout/i);
});
