import { randomBytes } from 'node:crypto';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { rotateCredentials } from '../../../src/upkeep/rotate-credentials.ts';
import { startSandbox, type Sandbox } from '../../../src/sandbox/index.ts';
import { connectionPath, connectTenant } from '../../support/service/connect-tenant.ts';
import { freePort } from '../../support/service/free-port.ts';
import { giveConsent } from '../../support/calendly/give-consent.ts';
import { makeJobsDue, makeTimerDue } from '../../support/service/make-timer-due.ts';
import { replayHistory } from '../../support/world/replay-history.ts';
import { CLIENT, startTestService, type Answer, type TestService } from '../../support/service/start-test-service.ts';
import { createTestDatabase, type TestDatabase } from '../../support/postgres/test-database.ts';
import { waitForBackfill } from '../../support/service/wait-for-backfill.ts';
import { waitFor } from '../../support/service/wait-for.ts';

const keys = [randomBytes(32), randomBytes(32)].map((key, at) => `k${at}:${key.toString('base64')}`);
const OTHER_APP = { clientId: 'other-app', clientSecret: 'secret-of-the-other-app' };
let database: TestDatabase;
let sandbox: Sandbox;
let first: number;
let second: number;
beforeAll(async () => {
  [first, second] = [await freePort(), await freePort()];
  database = await createTestDatabase();
  sandbox = await startSandbox({ ...CLIENT, otherApps: [OTHER_APP], switches: { tokenRateLimit: null } });
});
afterEach(async () => {
  expect(await replayHistory(database.db)).toEqual([]);
});
afterAll(async () => {
  await sandbox.close();
  await database.close();
});

interface Start {
  port: number;
  env?: Record<string, string>;
  now?: () => Date;
}

/** One of several services on the one database, stopped when `use` is over. */
async function withService<T>({ port, env = {}, now }: Start, use: (service: TestService) => Promise<T>): Promise<T> {
  const service = await startTestService({
    database,
    sharedSandbox: sandbox,
    port,
    ...(now ? { now } : {}),
    env: { ENCRYPTION_KEYS: keys.join(','), REFRESH_RECENT_SECONDS: '0', ...env },
  });
  try {
    return await use(service);
  } finally {
    await service.stop();
  }
}
const view = async ({ api }: TestService, tenantId: string): Promise<Answer['body']> =>
  (await api('GET', connectionPath(tenantId))).body;
const connect = ({ api }: TestService, tenantId: string) => api('POST', `${connectionPath(tenantId)}/connect`);

test('a database that is started as another installation serves reads, runs no effect, and moves when it is told to', async () => {
  const connected = await withService({ port: first }, (service) => connectTenant(service, 'moved', 'alice'));
  // Due work, which the copy must not do.
  await makeTimerDue(database, 'moved', 'refresh');
  const { version } = await database.db
    .selectFrom('connection')
    .select('version')
    .where('tenant_id', '=', 'moved')
    .executeTakeFirstOrThrow();
  sandbox.controls.clearCalls();

  await withService({ port: second }, async (copy) => {
    expect(await copy.api('GET', '/health/ready')).toMatchObject({
      status: 503,
      body: { code: 'installation_changed' },
    });
    expect((await copy.api('GET', '/health/live')).status).toBe(200);
    expect(await view(copy, 'moved')).toMatchObject({ state: 'connected', account: connected.account });
    for (const list of ['meetings', 'history', 'exchanges', 'deliveries'])
      expect((await copy.api('GET', `/v1/tenants/moved/${list}`)).status).toBe(200);
    for (const [method, path] of [
      ['POST', `${connectionPath('moved')}/connect`],
      ['POST', `${connectionPath('moved')}/refresh`],
      ['DELETE', connectionPath('moved')],
      ['DELETE', '/v1/tenants/moved'],
      ['GET', '/oauth/callback?code=a&state=b'],
    ] as const) {
      expect(await copy.api(method, path)).toMatchObject({ status: 503, body: { code: 'installation_changed' } });
    }
    expect((await view(copy, 'moved')).version).toBe(version);
  });
  expect(sandbox.controls.calls()).toEqual([]);

  await withService({ port: second, env: { ADOPT_INSTALLATION: `http://127.0.0.1:${second}` } }, async (adopted) => {
    expect((await adopted.api('GET', '/health/ready')).status).toBe(200);
    expect((await connect(adopted, 'moved')).body).toMatchObject({
      authorizeUrl: null,
      connection: { state: 'connected' },
    });
    await waitFor(async () => (await view(adopted, 'moved')).debts.length === 0);
    // The callback URL changed with PUBLIC_URL: one webhook, at the new place.
    expect(
      sandbox.controls.subscriptions({ account: 'alice' }).map(({ callback_url: url }) => url.startsWith(adopted.url)),
    ).toEqual([true]);
  });
});

test('tokens of one app are never presented by another: the tenant is asked for consent, and the old ones say what is left of them', async () => {
  sandbox.controls.clearCalls();
  const env = {
    CALENDLY_CLIENT_ID: OTHER_APP.clientId,
    CALENDLY_CLIENT_SECRET: OTHER_APP.clientSecret,
    ADOPT_INSTALLATION: `http://127.0.0.1:${second}`,
  };
  await withService({ port: second, env }, async (service) => {
    const { body } = await connect(service, 'moved');
    expect(body).toMatchObject({
      authorizeUrl: expect.stringContaining('client_id=other-app'),
      connection: { state: 'authorizing' },
    });
    expect(sandbox.controls.calls()).toEqual([]);
    expect((await service.api('GET', '/v1/tenants/moved/access-token')).body.code).toBe('no_usable_grant');
    await giveConsent(body.authorizeUrl, 'alice');
    await waitFor(async () =>
      (await view(service, 'moved')).debts.some(({ lastError }: Answer['body']) => lastError !== null),
    );
    expect(await view(service, 'moved')).toMatchObject({
      state: 'connected',
      debts: [{ kind: 'grant', lastError: { code: 'issuer_changed' } }],
    });
    expect(sandbox.controls.subscriptions({ account: 'alice' })).toHaveLength(1);
  });
  await withService({ port: second, env: { ADOPT_INSTALLATION: env.ADOPT_INSTALLATION } }, async ({ api }) => {
    expect((await api('POST', `${connectionPath('moved')}/retry`)).status).toBe(202);
  });
});

test('keys are rotated while the service runs, and the old one is needed no longer', async () => {
  const [old, fresh] = keys as [string, string];
  await withService({ port: second, env: { ENCRYPTION_KEYS: old } }, (service) =>
    connectTenant(service, 'rotated', 'bob'),
  );
  await withService({ port: second, env: { ENCRYPTION_KEYS: `${fresh},${old}` } }, async (service) => {
    const busy = (async () => {
      for (let round = 0; round < 3; round++)
        expect((await connect(service, 'rotated')).body.connection.state).toBe('connected');
    })();
    for (let round = 0; round < 3; round++)
      await rotateCredentials(database.db, service.service.deps.box, { batch: 2 });
    await busy;
    expect(await rotateCredentials(database.db, service.service.deps.box, { batch: 100 })).toMatchObject({
      remaining: 0,
      unreadable: 0,
    });
  });
  await withService({ port: second, env: { ENCRYPTION_KEYS: fresh } }, async (service) => {
    expect((await connect(service, 'rotated')).body).toMatchObject({
      authorizeUrl: null,
      connection: { state: 'connected' },
    });
    await waitForBackfill(service, 'rotated');
    sandbox.controls.book({ account: 'bob', name: 'Rita', email: 'rita@guest.example' });
    await waitFor(async () =>
      (await service.api('GET', '/v1/tenants/rotated/meetings')).body.items.some(
        ({ source }: Answer['body']) => source === 'webhook',
      ),
    );
  });
});

test.each([
  ['drop', ['refreshed'], { state: 'connected', substate: 'webhooks' }],
  ['dropAfterWork', ['refreshed', 'invalid_grant'], { state: 'error', substate: 'needsReauthorization' }],
] as const)(
  'a refresh without an answer (%s) is in doubt for 90 seconds, then presented once more',
  async (kind, results, end) => {
    const slug = `doubt-${kind.toLowerCase()}`;
    sandbox.controls.accounts.add({ slug, name: 'Doubt' });
    let ahead = 0;
    await withService({ port: second, now: () => new Date(Date.now() + ahead) }, async (service) => {
      await connectTenant(service, slug, slug);
      sandbox.controls.faults.add({ method: 'POST', path: '/oauth/token', kind });
      await service.api('POST', `${connectionPath(slug)}/refresh`);
      const intents = () =>
        database.db
          .selectFrom('refresh_intent')
          .select('outcome')
          .where('tenant_id', '=', slug)
          .orderBy('started_at')
          .execute();
      await waitFor(() => sandbox.controls.faults.list().length === 0);
      await waitFor(async () => (await intents()).length === 1);
      // The access token is good, and is handed out meanwhile.
      expect((await service.api('GET', `/v1/tenants/${slug}/access-token`)).status).toBe(200);
      const presentations = () => sandbox.controls.tokens(slug).pairs[0]!.presentations.map(({ result }) => result);
      expect(presentations().length).toBeLessThanOrEqual(1);
      ahead += 91_000;
      await waitFor(
        async () => {
          await makeJobsDue(database);
          return (await intents()).length === 2 && (await intents()).every(({ outcome }) => outcome !== null);
        },
        { timeoutMs: 15_000 },
      );
      await waitFor(async () => (await view(service, slug)).substate === end.substate);
      expect(presentations()).toEqual(results);
      expect(await view(service, slug)).toMatchObject(end);
    });
  },
);
