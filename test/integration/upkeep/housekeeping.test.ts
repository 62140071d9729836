import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startSandbox, type Sandbox } from '../../../src/sandbox/index.ts';
import { connectTenant } from '../../support/service/connect-tenant.ts';
import { replayHistory } from '../../support/world/replay-history.ts';
import { CLIENT, startTestService } from '../../support/service/start-test-service.ts';
import { createTestDatabase, type TestDatabase } from '../../support/postgres/test-database.ts';
import { waitFor } from '../../support/service/wait-for.ts';

const DAY_MS = 24 * 3600 * 1000;
const keys = { old: `old:${randomBytes(32).toString('base64')}`, new: `new:${randomBytes(32).toString('base64')}` };
let database: TestDatabase;
let sharedSandbox: Sandbox;
let publicUrl: string;

beforeAll(async () => {
  database = await createTestDatabase({ max: 4 });
  sharedSandbox = await startSandbox(CLIENT);
  const running = await startTestService({ database, sharedSandbox, env: { ENCRYPTION_KEYS: keys.old } });
  publicUrl = running.url;
  await connectTenant(running, 'acme', 'alice');
  await running.stop();
});
afterAll(async () => {
  await sharedSandbox.close();
  await database.close();
});

const keyIds = async () =>
  (await database.db.selectFrom('credential').select('key_id').distinct().execute()).map((row) => row.key_id);

test('a service with a new first key seals everything again, and then works without the old one', async () => {
  expect(await keyIds()).toEqual(['old']);
  const rotating = await startTestService({
    database,
    sharedSandbox,
    env: { PUBLIC_URL: publicUrl, ENCRYPTION_KEYS: `${keys.new},${keys.old}` },
  });
  await waitFor(async () => (await keyIds()).join() === 'new', { describe: 'everything under the new key' });
  await rotating.stop();
  expect(rotating.logged.join('')).toContain('sealed again');

  const rotated = await startTestService({
    database,
    sharedSandbox,
    env: { PUBLIC_URL: publicUrl, ENCRYPTION_KEYS: keys.new },
  });
  expect((await rotated.api('GET', '/v1/tenants/acme/access-token')).status).toBe(200);
  await rotated.stop();
});

test('a service that lost a key says so and goes on', async () => {
  const other = `other:${randomBytes(32).toString('base64')}`;
  const running = await startTestService({
    database,
    sharedSandbox,
    env: { PUBLIC_URL: publicUrl, ENCRYPTION_KEYS: other },
  });
  await waitFor(() => running.logged.some((line) => line.includes('none of ENCRYPTION_KEYS opens')), {
    describe: 'the log line',
  });
  await running.stop();
  expect(await keyIds()).toEqual(['new']);
});

test('two services started 401 days later forget the past once, and replay still gives what is stored', async () => {
  const { db } = database;
  const now = () => new Date(Date.now() + 401 * DAY_MS);
  const old = async () =>
    (
      await db
        .selectFrom('history')
        .select('id')
        .where('at', '<', new Date(now().getTime() - 400 * DAY_MS))
        .execute()
    ).length +
    (
      await db
        .selectFrom('exchange')
        .select('id')
        .where('started_at', '<', new Date(now().getTime() - 30 * DAY_MS))
        .execute()
    ).length;
  expect(await old()).toBeGreaterThan(0);
  const env = { PUBLIC_URL: publicUrl, ENCRYPTION_KEYS: keys.new };
  const services = await Promise.all([1, 2].map(() => startTestService({ database, sharedSandbox, env, now })));
  await waitFor(async () => (await old()) === 0, { describe: 'nothing old' });
  const checkpoints = await db.selectFrom('history').select('note').where('kind', '=', 'checkpoint').execute();
  expect(checkpoints).toEqual([{ note: 'pruned' }]);
  await Promise.all(services.map((service) => service.stop()));
  expect(await replayHistory(db)).toEqual([]);
});
