import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { startSandbox, type Sandbox } from '../../src/sandbox/index.ts';
import { giveConsent } from '../support/calendly/give-consent.ts';
import { createTestDatabase, type TestDatabase } from '../support/postgres/test-database.ts';
import { connectionPath, connectTenant } from '../support/service/connect-tenant.ts';
import { freePort } from '../support/service/free-port.ts';
import { runProgram } from '../support/service/run-program.ts';
import {
  API_KEY,
  CLIENT,
  request,
  startTestService,
  testServiceEnvironment,
  type Answer,
} from '../support/service/start-test-service.ts';
import { waitFor } from '../support/service/wait-for.ts';

const PROJECT = fileURLToPath(new URL('../..', import.meta.url));
const RELEASES = join(PROJECT, 'test/package/releases');
const PATIENCE = { timeoutMs: 30_000 };

type Api = { api(method: string, path: string, options?: { body?: unknown }): Promise<Answer> };

/** The last release's program, below `node_modules` so that it finds the packages that it depends on. */
let folder: string;
let sandbox: Sandbox;
beforeAll(async () => {
  const [tarball] = (await readdir(RELEASES))
    .filter((name) => name.endsWith('.tgz'))
    .sort()
    .reverse();
  folder = await mkdtemp(join(PROJECT, 'node_modules/.last-release-'));
  execFileSync('tar', ['-xzf', join(RELEASES, tarball!), '-C', folder]);
  sandbox = await startSandbox({ ...CLIENT, switches: { tokenRateLimit: null } });
});
afterAll(async () => {
  await sandbox.close();
  await rm(folder, { recursive: true });
});

async function startLastRelease(
  database: TestDatabase,
  publicUrl?: string,
): Promise<Api & { url: string; printed(): string }> {
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const env = testServiceEnvironment({ publicUrl: publicUrl ?? url, port, calendlyUrl: sandbox.url });
  const main = join(folder, 'package/dist/src/main.js');
  const program = runProgram(main, ['serve'], { env: { ...env, ...SHARED, DATABASE_URL: database.url } });
  onTestFinished(async () => {
    program.signal('SIGTERM');
    expect(await program.ended, program.stderr()).toBe(0);
  });
  const printed = () => `${program.stderr()}\n${program.stdout()}`;
  await waitFor(() => program.stderr().includes('is running'), PATIENCE).catch((error: unknown) => {
    throw new Error(`The last release did not start:\n${printed()}`, { cause: error });
  });
  return {
    url,
    printed,
    api: (method, path, { body } = {}) =>
      request(`${url}${path}`, method, body, { authorization: `Bearer ${API_KEY}` }),
  };
}

/** One key for both, as an installation has. */
const SHARED = { ENCRYPTION_KEYS: `k1:${randomBytes(32).toString('base64')}` };

const stateOf = async ({ api }: Api, tenantId: string): Promise<string> => {
  const { status, body } = await api('GET', connectionPath(tenantId));
  return status === 200 ? `${body.state}.${body.substate}` : `${status} ${body.code}`;
};
const names = async ({ api }: Api, tenantId: string): Promise<string[]> =>
  (await api('GET', `/v1/tenants/${tenantId}/meetings`)).body.items.map((item: { name: string }) => item.name);
const firstBackfill = (service: Api, tenantId: string) =>
  waitFor(
    async () =>
      (await service.api('GET', `/v1/tenants/${tenantId}/history`)).body.items.some(
        (item: { event?: { type: string } }) => item.event?.type === 'backfill.completed',
      ),
    PATIENCE,
  );

test('the last release connects, books, reconnects and disconnects on the schema of this one', async () => {
  const database = await createTestDatabase();
  onTestFinished(() => database.close());
  const last = await startLastRelease(database);
  await connectTenant(last, 'acme', 'alice');
  await firstBackfill(last, 'acme');
  sandbox.controls.book({ account: 'alice', name: 'Gina Guest', email: 'gina@guest.example' });
  await waitFor(async () => (await names(last, 'acme')).includes('Gina Guest'), PATIENCE);
  expect((await last.api('POST', `${connectionPath('acme')}/connect`, { body: {} })).body.authorizeUrl).toBeNull();
  const { status, body } = await last.api('DELETE', connectionPath('acme'));
  expect({ status, debts: body.debts }).toEqual({ status: 200, debts: [] });
  expect(sandbox.controls.subscriptions({ account: 'alice' })).toEqual([]);
  expect(last.printed()).not.toMatch(/"level":"(?:error|fatal)"/);
});

test('the last release and this one work side by side on one database', async () => {
  const database = await createTestDatabase();
  onTestFinished(() => database.close());
  const now = await startTestService({ database, sharedSandbox: sandbox, env: SHARED });
  onTestFinished(() => now.stop());
  const last = await startLastRelease(database, now.url);
  // Either of them takes the next step of either tenant. What this one has written, the last one may not know: it says so, and leaves it.
  for (const [service, tenantId, account] of [
    [last, 'of-the-last', 'bob'],
    [now, 'of-now', 'carol'],
  ] as const) {
    const asked = await service.api('POST', `${connectionPath(tenantId)}/connect`, { body: {} });
    await giveConsent(asked.body.authorizeUrl, account);
  }
  for (const tenantId of ['of-the-last', 'of-now'])
    await waitFor(async () => (await stateOf(now, tenantId)) === 'connected.webhooks', PATIENCE);
  for (const tenantId of ['of-the-last', 'of-now']) await firstBackfill(now, tenantId);
  for (const tenantId of ['of-the-last', 'of-now'])
    expect(['connected.webhooks', '503 newer_release']).toContain(await stateOf(last, tenantId));
  sandbox.controls.book({ account: 'bob', name: 'Guest of Bob', email: 'gina@guest.example' });
  sandbox.controls.book({ account: 'carol', name: 'Guest of Carol', email: 'gina@guest.example' });
  await waitFor(async () => (await names(now, 'of-the-last')).includes('Guest of Bob'), PATIENCE);
  await waitFor(async () => (await names(now, 'of-now')).includes('Guest of Carol'), PATIENCE);
  expect(await names(last, 'of-now')).toEqual(await names(now, 'of-now'));
  for (const tenantId of ['of-the-last', 'of-now']) {
    await now.api('DELETE', connectionPath(tenantId));
    await waitFor(async () => (await now.api('GET', connectionPath(tenantId))).body.debts.length === 0, PATIENCE);
  }
  for (const account of ['bob', 'carol']) expect(sandbox.controls.subscriptions({ account })).toEqual([]);
});
