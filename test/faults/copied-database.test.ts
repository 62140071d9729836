import { randomBytes } from 'node:crypto';
import pg from 'pg';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { startSandbox, type Sandbox } from '../../src/sandbox/index.ts';
import { freePort } from '../support/service/free-port.ts';
import { giveConsent } from '../support/calendly/give-consent.ts';
import { serviceEnvironment } from '../support/service/service-environment.ts';
import { startServiceChild, type ServiceChild } from '../support/service/start-service-child.ts';
import { CLIENT } from '../support/service/start-test-service.ts';
import { waitFor } from '../support/service/wait-for.ts';
import { connectionOf } from './journeys.ts';

const encryptionKeys = `k1:${randomBytes(32).toString('base64')}`;
const databases = ['original', 'copied', 'moved'].map((word) => `test_${word}_${randomBytes(4).toString('hex')}`);
const [original = '', copied = '', moved = ''] = databases;
const children: ServiceChild[] = [];
let admin: pg.Client;
let sandbox: Sandbox;

beforeAll(async () => {
  admin = new pg.Client({ connectionString: inject('postgresUrl') });
  await admin.connect();
  await admin.query(`create database ${original}`);
  sandbox = await startSandbox(CLIENT);
});

afterAll(async () => {
  for (const child of children) if (child.isAlive()) await child.kill();
  await sandbox.close();
  for (const name of databases) await admin.query(`drop database if exists ${name} with (force)`);
  await admin.end();
});

async function start(database: string, port: number, extra: Record<string, string> = {}): Promise<ServiceChild> {
  const databaseUrl = inject('postgresUrl').replace(/[^/]+$/, database);
  const env = {
    ...serviceEnvironment({ databaseUrl, publicUrl: `http://127.0.0.1:${port}`, sandbox, encryptionKeys }),
    ...extra,
  };
  const child = await startServiceChild({ port, env, offsetMs: 0, logged: [] });
  children.push(child);
  return child;
}

async function connect(child: ServiceChild, tenant: string, account: string): Promise<void> {
  await giveConsent((await child.api('POST', `${connectionOf(tenant)}/connect`)).body.authorizeUrl, account);
  await waitFor(async () => (await child.api('GET', connectionOf(tenant))).body.state === 'connected', {
    describe: `${tenant} to be connected`,
  });
}

/** The service is stopped for it: a database in use is not copied. */
const copy = (from: string, to: string) => admin.query(`create database ${to} template ${from} strategy file_copy`);

test('a copied database serves reads and touches nothing at Calendly, until somebody says that it has moved', async () => {
  const { controls } = sandbox;
  const [home, elsewhere] = [await freePort(), await freePort()];
  const first = await start(original, home);
  await connect(first, 'acme', 'alice');
  await connect(first, 'ben', 'bob');
  // Something is owed, and would be tried again by whoever may.
  controls.faults.add({
    method: 'DELETE',
    path: '/webhook_subscriptions/:uuid',
    kind: 'respond',
    status: 503,
    times: 'forever',
  });
  expect((await first.api('DELETE', connectionOf('ben'))).body.connection).toMatchObject({
    state: 'disconnected',
    substate: 'settling',
  });
  await first.terminate();
  await copy(original, copied);
  controls.faults.clear();
  controls.clearCalls();

  const stranger = await start(copied, elsewhere);
  expect((await stranger.api('GET', connectionOf('acme'))).body).toMatchObject({ state: 'connected' });
  expect((await stranger.api('GET', '/v1/tenants/acme/meetings')).status).toBe(200);
  const refused = [
    await stranger.api('GET', '/health/ready'),
    await stranger.api('POST', `${connectionOf('acme')}/connect`),
    await stranger.api('DELETE', connectionOf('acme')),
    await stranger.api('POST', `${connectionOf('acme')}/refresh`),
    await stranger.api('GET', '/v1/tenants/acme/access-token'),
  ];
  expect(refused.map(({ status, body }) => [status, body.code])).toEqual(
    refused.map(() => [503, 'installation_changed']),
  );
  await stranger.terminate();
  expect(controls.calls()).toEqual([]);

  // The original goes on as if nothing had been, and settles what it owes.
  const again = await start(original, home);
  await waitFor(async () => (await again.api('GET', connectionOf('ben'))).body.substate === 'idle', {
    describe: 'the debt to be settled',
    timeoutMs: 30_000,
  });
  expect(controls.subscriptions({ account: 'bob' })).toEqual([]);
  expect(controls.subscriptions({ account: 'alice' })).toHaveLength(1);
  await again.terminate();

  // Now it really moves: its new home takes over, and gives each tenant a webhook that leads there.
  await copy(original, moved);
  const newHome = `http://127.0.0.1:${elsewhere}`;
  const adopted = await start(moved, elsewhere, { ADOPT_INSTALLATION: newHome });
  expect((await adopted.api('GET', '/health/ready')).status).toBe(200);
  await adopted.api('POST', `${connectionOf('acme')}/resync`);
  await waitFor(
    () => controls.subscriptions({ account: 'alice' }).every(({ callback_url }) => callback_url.startsWith(newHome)),
    { describe: 'the new webhook' },
  );
  await waitFor(
    async () => {
      const { state, debts } = (await adopted.api('GET', connectionOf('acme'))).body;
      return state === 'connected' && debts.length === 0;
    },
    { describe: 'rest in the new home', timeoutMs: 20_000 },
  );
  expect(controls.subscriptions({ account: 'alice' })).toHaveLength(1);
});
