import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startSandbox, type Sandbox } from '../../../src/sandbox/index.ts';
import { giveConsent } from '../../support/calendly/give-consent.ts';
import { startOldApplication } from '../../support/calendly/old-application.ts';
import { createTestDatabase, type TestDatabase } from '../../support/postgres/test-database.ts';
import { connectionPath } from '../../support/service/connect-tenant.ts';
import { freePort } from '../../support/service/free-port.ts';
import { makeTimerDue } from '../../support/service/make-timer-due.ts';
import { CLIENT, startTestService, type Answer, type TestService } from '../../support/service/start-test-service.ts';
import { waitFor } from '../../support/service/wait-for.ts';

const BRAND = { clientId: 'app-of-brand-b', clientSecret: 'secret-of-brand-b' };
const AWAY = { clientId: 'app-elsewhere', clientSecret: 'secret-of-the-app-elsewhere' };
const KEYS = `k1:${randomBytes(32).toString('base64')}`;
const SIGNING_KEY = 'signing-key-of-the-app-elsewhere';

/** Two applications at one Calendly, and a third one at another. */
let here: Sandbox;
let away: Sandbox;
let database: TestDatabase;
let port: number;
let running: TestService;
const start = (clients: object) =>
  startTestService({
    database,
    sharedSandbox: here,
    port,
    env: {
      CALENDLY_CLIENTS: JSON.stringify(clients),
      ENCRYPTION_KEYS: KEYS,
    },
  });
const elsewhere = () => ({ ...AWAY, authBaseUrl: away.url, apiBaseUrl: away.url, signingKeys: [SIGNING_KEY] });

beforeAll(async () => {
  here = await startSandbox({ ...CLIENT, otherApps: [BRAND], switches: { tokenRateLimit: null } });
  away = await startSandbox({
    ...AWAY,
    appSigningKey: SIGNING_KEY,
    switches: { tokenRateLimit: null, signingKeyPrecedence: 'app' },
  });
  database = await createTestDatabase();
  port = await freePort();
  running = await start({ 'brand-b': BRAND, elsewhere: elsewhere() });
});
afterAll(async () => {
  await running.stop();
  await here.close();
  await away.close();
  await database.close();
});

const connect = (tenantId: string, body: object = {}): Promise<Answer> =>
  running.api('POST', `${connectionPath(tenantId)}/connect`, { body });
const view = async (tenantId: string): Promise<Answer['body']> =>
  (await running.api('GET', connectionPath(tenantId))).body;
const account = (slug: string, calendly = here) => calendly.controls.accounts.add({ slug, name: slug });
const clientsOf = (slug: string, calendly = here) =>
  calendly.controls.subscriptions({ account: slug }).map(({ clientId }) => clientId);
const consented = async (tenantId: string, client?: string, calendly = here) => {
  account(tenantId, calendly);
  const { body } = await connect(tenantId, client === undefined ? {} : { client });
  await giveConsent(body.authorizeUrl, tenantId);
  expect(await view(tenantId)).toMatchObject({ client: client ?? 'default', state: 'connected', lastError: null });
  return new URL(body.authorizeUrl);
};
const tokenCalls = (calendly: Sandbox) => calendly.controls.calls().filter(({ path }) => path.startsWith('/oauth/'));

describe('a tenant', () => {
  test('is connected, refreshed and disconnected with the client that it named, and with no other', async () => {
    here.controls.clearCalls();
    expect((await consented('plain')).searchParams.get('client_id')).toBe(CLIENT.clientId);
    expect((await consented('branded', 'brand-b')).searchParams.get('client_id')).toBe(BRAND.clientId);
    expect((await consented('distant', 'elsewhere', away)).origin).toBe(away.url);
    expect([clientsOf('plain'), clientsOf('branded'), clientsOf('distant', away)]).toEqual([
      [CLIENT.clientId],
      [BRAND.clientId],
      [AWAY.clientId],
    ]);
    for (const tenantId of ['branded', 'distant']) {
      await makeTimerDue(database, tenantId, 'refresh');
      const calendly = tenantId === 'distant' ? away : here;
      const presented = () => calendly.controls.tokens(tenantId).pairs.flatMap(({ presentations }) => presentations);
      await waitFor(() => presented().length === 1, { describe: `a refresh of ${tenantId}` });
      await waitFor(async () => (await view(tenantId)).state === 'connected');
    }
    // Calendly answers the wrong client with invalid_grant, or with 403 to a revocation.
    for (const tenantId of ['branded', 'distant']) {
      await running.api('DELETE', connectionPath(tenantId));
      await waitFor(async () => (await view(tenantId)).debts.length === 0, { describe: `${tenantId} to owe nothing` });
    }
    const ofOwner = [here.controls.tokens('branded'), away.controls.tokens('distant')];
    expect(ofOwner.map(({ liveAccessTokens, liveRefreshTokens }) => liveAccessTokens + liveRefreshTokens)).toEqual([
      0, 0,
    ]);
    expect([clientsOf('branded'), clientsOf('distant', away)]).toEqual([[], []]);
    expect(
      [...tokenCalls(here), ...tokenCalls(away)].map(({ status }) => status).filter((status) => (status ?? 0) >= 400),
    ).toEqual([]);
  });

  test('keeps its client, and takes another one only after a disconnect that left no webhook', async () => {
    await consented('loyal', 'brand-b');
    expect((await connect('loyal')).body).toMatchObject({ connection: { client: 'brand-b', state: 'connected' } });
    expect(await connect('loyal', { client: 'default', switchAccount: true })).toMatchObject({
      status: 409,
      body: { code: 'client_fixed', detail: expect.stringContaining('brand-b') },
    });
    here.controls.faults.add({
      method: 'DELETE',
      path: '/webhook_subscriptions/:uuid',
      kind: 'respond',
      status: 503,
      times: 'forever',
    });
    await running.api('DELETE', connectionPath('loyal'));
    expect(await connect('loyal', { client: 'default' })).toMatchObject({
      status: 409,
      body: { code: 'client_fixed' },
    });
    here.controls.faults.clear();
    await running.api('DELETE', connectionPath('loyal'));
    await waitFor(async () => (await view('loyal')).debts.length === 0, { describe: 'no debt' });
    const { body } = await connect('loyal', { client: 'default' });
    expect(new URL(body.authorizeUrl).searchParams.get('client_id')).toBe(CLIENT.clientId);
    await giveConsent(body.authorizeUrl, 'loyal');
    expect(await view('loyal')).toMatchObject({ client: 'default', state: 'connected' });
  });

  test('does not come into being with a client that nobody has configured', async () => {
    expect(await connect('stranger', { client: 'brand-c' })).toMatchObject({
      status: 400,
      body: { code: 'client_unknown', detail: 'Configured are default, brand-b, elsewhere.' },
    });
    expect((await running.api('GET', connectionPath('stranger'))).status).toBe(404);
  });

  test('is imported with the client that got its tokens; with another one Calendly refuses them', async () => {
    const old = await startOldApplication(here.url);
    account('moved');
    const row = await old.connect('moved', 'moved');
    await old.close();
    const importWith = (body: object) => running.api('POST', `${connectionPath('moved')}/import`, { body });
    const tokens = { refreshToken: row.refresh_token };
    expect(await importWith({ ...tokens, client: 'brand-b' })).toMatchObject({
      status: 422,
      body: { code: 'import_refused', detail: expect.stringContaining('app-of-brand-b (brand-b)') },
    });
    const proof = { accessToken: row.access_token, expiresAt: row.token_expires_at };
    await waitFor(async () => (await view('moved')).debts.length === 0, { describe: 'no debt' });
    const imported = await importWith({ ...tokens, ...proof, client: 'default' });
    expect(imported.body.connection, JSON.stringify(imported.body)).toMatchObject({
      client: 'default',
      state: 'connected',
    });
  });

  test("hears deliveries that are signed with its own client's application key", async () => {
    await consented('signed', 'elsewhere', away);
    await waitFor(async () => {
      const runs = database.db.selectFrom('backfill').select('finished_at').where('tenant_id', '=', 'signed');
      return (await runs.execute()).some(({ finished_at: at }) => at !== null);
    });
    away.controls.book({ account: 'signed', name: 'Gina Guest', email: 'gina@guest.example' });
    await waitFor(async () => (await running.api('GET', '/v1/tenants/signed/meetings')).body.items.length === 1);
    const { items } = (await running.api('GET', '/v1/tenants/signed/deliveries')).body;
    expect(items).toMatchObject([{ verdict: 'applied', signingKeyId: null, applicationKey: expect.any(String) }]);
  });

  test('whose client is taken out of the configuration says so, spends no token, and goes on when it is back', async () => {
    await consented('left', 'brand-b');
    await running.stop();
    here.controls.clearCalls();
    running = await start({ elsewhere: elsewhere() });
    await makeTimerDue(database, 'left', 'refresh');
    await waitFor(async () => (await view('left')).state === 'error', { describe: 'an error' });
    expect(await view('left')).toMatchObject({
      substate: 'needsAttention',
      lastError: { code: 'client_removed', message: expect.stringContaining('brand-b') },
    });
    expect(await connect('left')).toMatchObject({ status: 409, body: { code: 'client_removed' } });
    expect((await running.api('GET', '/v1/tenants/left/access-token')).body.code).toBe('no_usable_grant');
    const diagnosis = (await running.api('GET', '/v1/tenants/left/diagnosis')).body;
    expect(diagnosis).toMatchObject({ code: 'client_removed', verdict: 'not_receiving', next: { who: 'operator' } });
    expect(JSON.stringify(diagnosis.evidence)).toContain('brand-b');
    expect(here.controls.calls().filter((call) => call.account === 'left')).toEqual([]);
    expect(tokenCalls(here)).toEqual([]);

    await running.stop();
    running = await start({ 'brand-b': BRAND, elsewhere: elsewhere() });
    await running.api('POST', `${connectionPath('left')}/retry`);
    await waitFor(async () => (await view('left')).state === 'connected', { describe: 'the connection to heal' });
    expect(clientsOf('left')).toEqual([BRAND.clientId]);
  });
});
