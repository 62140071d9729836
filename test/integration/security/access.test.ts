import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ROUTE_SCOPES } from '../../../src/http/route-scopes.ts';
import { giveConsent } from '../../support/calendly/give-consent.ts';
import { connectTenant } from '../../support/service/connect-tenant.ts';
import { openInspector, PASSWORD } from '../../support/service/open-inspector.ts';
import { API_KEY, startTestService, type Answer, type TestService } from '../../support/service/start-test-service.ts';
import { waitFor } from '../../support/service/wait-for.ts';

const KEYS = {
  reader: 'reader-9f27c1d4be60',
  linker: 'linker-9f27c1d4be61',
  support: 'support-9f27c1d4be62',
  broker: 'broker-9f27c1d4be63',
  console: 'console-9f27c1d4be64',
};
const VIEWER = 'viewers-7c41f09be2';
const env = {
  API_KEYS: `${API_KEY},web:read:${KEYS.reader},app:connect+read:${KEYS.linker},desk:operate:${KEYS.support},sync:tokens:${KEYS.broker},console:read+connect+operate:${KEYS.console}`,
  INSPECTOR_VIEWER_PASSWORD: VIEWER,
};
let running: TestService;
beforeAll(async () => {
  running = await startTestService({ env });
  await connectTenant(running, 'acme', 'alice');
});
afterAll(() => running.stop());

const as = (key: string, method: string, path: string): Promise<Answer> =>
  running.api(method, path, {
    headers: { authorization: `Bearer ${key}` },
    ...(method === 'POST' ? { body: {} } : {}),
  });
const audit = async (): Promise<Record<string, any>[]> => (await running.api('GET', '/v1/audit')).body.items;
const login = (operator: string, password: string, url = running.url): Promise<Response> =>
  fetch(`${url}/inspector/login`, {
    method: 'POST',
    redirect: 'manual',
    body: new URLSearchParams({ operator, password }),
  });

test('every route under /v1 says which scope it needs, and none is named that is not there', () => {
  const { paths } = running.service.app.swagger() as { paths: Record<string, Record<string, unknown>> };
  const routes = Object.entries(paths)
    .filter(([path]) => path.startsWith('/v1'))
    .flatMap(([path, methods]) =>
      Object.keys(methods).map((method) => `${method.toUpperCase()} ${path.replace(/\{(\w+)\}/g, ':$1')}`),
    );
  expect(Object.keys(ROUTE_SCOPES).sort()).toEqual(routes.sort());
});

test('no answer of /v1 is for a cache in between, whatever it is', async () => {
  const kept = [];
  for (const route of Object.keys(ROUTE_SCOPES)) {
    const [method, path] = route.split(' ') as [string, string];
    const url = `${running.url}${path.replace(/:\w+/g, 'acme')}`;
    // With a key where it changes nothing; elsewhere the refusal must not be kept, either.
    const headers = method === 'GET' ? { authorization: `Bearer ${API_KEY}` } : {};
    const answer = await fetch(url, { method, headers });
    await answer.body?.cancel();
    if (answer.headers.get('cache-control') !== 'no-store') kept.push(`${route}: ${answer.status}`);
  }
  expect(kept).toEqual([]);
});

test.each([
  [KEYS.reader, 'GET', '/v1/tenants', 200, null],
  [KEYS.reader, 'POST', '/v1/tenants/acme/connection/connect', 403, 'connect'],
  [KEYS.reader, 'GET', '/v1/tenants/acme/access-token', 403, 'tokens'],
  [KEYS.linker, 'GET', '/v1/tenants/acme/meetings', 200, null],
  [KEYS.linker, 'POST', '/v1/tenants/acme/connection/refresh', 403, 'operate'],
  [KEYS.linker, 'DELETE', '/v1/tenants/acme', 403, 'admin'],
  [KEYS.support, 'POST', '/v1/tenants/acme/connection/resync', 202, null],
  [KEYS.support, 'GET', '/v1/tenants', 403, 'read'],
  [KEYS.broker, 'GET', '/v1/tenants/acme/access-token', 200, null],
  [KEYS.broker, 'GET', '/v1/audit', 403, 'admin'],
])('the key %s: %s %s is a %i', async (key, method, path, status, scope) => {
  const answer = await as(key, method, path);
  expect([answer.status, answer.body.scope ?? null]).toEqual([status, scope]);
  if (status !== 403) return;
  expect(answer.body.code).toBe('scope_missing');
  const causes = await running.database.db.selectFrom('history').select('cause').execute();
  const route = path.split('/').at(-1)!;
  expect(causes.filter(({ cause }) => (cause as { route?: string }).route === route && scope !== 'connect')).toEqual(
    [],
  );
});

test('what was done, and what was refused, is in the audit under the name of the key; no row is ever changed', async () => {
  await as(KEYS.broker, 'GET', '/v1/tenants/acme/access-token');
  await as(KEYS.reader, 'GET', '/v1/tenants/acme/access-token');
  await as(KEYS.support, 'POST', '/v1/tenants/acme/connection/resync');
  expect((await audit()).slice(0, 3)).toMatchObject([
    { actor: { kind: 'key', name: 'desk' }, action: 'resync', outcome: 'done', tenantId: 'acme' },
    { actor: { kind: 'key', name: 'web' }, action: 'access-token', outcome: 'refused', tenantId: 'acme' },
    { actor: { kind: 'key', name: 'sync' }, action: 'access-token', outcome: 'done', tenantId: 'acme' },
  ]);
  const { body } = await running.api('GET', '/v1/tenants/acme/history?limit=100');
  expect(body.items.map(({ cause }: { cause: unknown }) => cause)).toContainEqual({
    kind: 'route',
    route: 'resync',
    key: 'desk',
  });
  expect(JSON.stringify(await audit())).not.toContain(KEYS.broker);
  await expect(running.database.db.updateTable('audit').set({ actor: 'x' }).execute()).rejects.toThrow('never changed');
});

test('the history names the key of whoever asked for a token, a switch of the account, or an erasure', async () => {
  const causes = async (tenantId: string): Promise<{ route?: string; key?: string }[]> =>
    (await running.api('GET', `/v1/tenants/${tenantId}/history?limit=100`)).body.items.map(
      ({ cause }: { cause: object }) => cause,
    );
  await connectTenant(running, 'keyed', 'carol');
  await running.database.db
    .updateTable('oauth_grant')
    .set({ expires_at: new Date() })
    .where('tenant_id', '=', 'keyed')
    .execute();
  expect((await as(KEYS.broker, 'GET', '/v1/tenants/keyed/access-token')).status).toBe(200);
  expect(await causes('keyed')).toContainEqual({ kind: 'route', route: 'access-token', key: 'sync' });

  running.sandbox.controls.accounts.revokeLogin('carol');
  await running.api('POST', '/v1/tenants/keyed/connection/refresh');
  await waitFor(
    async () => (await running.api('GET', '/v1/tenants/keyed/connection')).body.substate === 'needsReauthorization',
  );
  const { body } = await running.api('POST', '/v1/tenants/keyed/connection/connect', { body: {} });
  await giveConsent(body.authorizeUrl, 'dave');
  const { pendingAccount } = (await running.api('GET', '/v1/tenants/keyed/connection')).body;
  const confirmed = await running.api('POST', '/v1/tenants/keyed/connection/confirm-account', {
    headers: { authorization: `Bearer ${KEYS.linker}` },
    body: { accept: true, accountUri: pendingAccount.uri },
  });
  expect(confirmed.status).toBe(200);
  expect(await causes('keyed')).toContainEqual({ kind: 'route', route: 'confirm-account', key: 'app' });

  running.sandbox.controls.book({ account: 'dave', name: 'Gina Guest', email: 'gina@guest.example' });
  await waitFor(async () => (await running.api('GET', '/v1/tenants/keyed/meetings')).body.items.length === 1);
  expect((await running.api('DELETE', '/v1/invitees?email=gina@guest.example')).body.tenants).toBe(1);
  expect(await causes('keyed')).toContainEqual({ kind: 'route', route: 'erase-invitee', key: 'default' });
});

test('a right key is never kept waiting by wrong ones from the same address', async () => {
  const guesses = await Promise.all(
    Array.from({ length: 40 }, (_, n) => as(`wrong-key-number-${n}`, 'GET', '/v1/tenants')),
  );
  expect(guesses.map(({ status }) => status).sort()).toEqual([...Array(30).fill(401), ...Array(10).fill(429)]);
  expect((await as(KEYS.reader, 'GET', '/v1/tenants')).status).toBe(200);
  // The inspector takes keys as well, and counts with.
  expect((await as('wrong-key-number-41', 'GET', '/inspector')).status).toBe(429);
  expect((await as(KEYS.reader, 'GET', '/inspector')).status).toBe(200);
});

describe('in the inspector', () => {
  test('a logout ends the session for whoever has a copy of its cookie', async () => {
    const inspector = await openInspector(running.url);
    expect((await inspector.get('')).status).toBe(200);
    await inspector.post('/logout');
    expect((await inspector.get('')).status).toBe(303);
  });

  test('a session ends with the key that opened it, and with no other', async () => {
    const cookieOf = async (password: string) =>
      (await login('Ann', password)).headers.getSetCookie()[0]!.split(';')[0]!;
    const [ofKey, ofPassword] = [await cookieOf(KEYS.console), await cookieOf(PASSWORD)];
    const changed = { ...env, API_KEYS: API_KEY };
    const after = await startTestService({
      env: changed,
      database: running.database,
      sharedSandbox: running.sandbox,
    });
    const statusOf = async (cookie: string) =>
      (await fetch(`${after.url}/inspector`, { redirect: 'manual', headers: { cookie, accept: 'text/html' } })).status;
    expect([await statusOf(ofKey), await statusOf(ofPassword)]).toEqual([303, 200]);
    await after.stop();
  });

  test('a key opens no more than it may do under /v1', async () => {
    const page = async (path: string, headers: Record<string, string>) => {
      const answer = await fetch(`${running.url}/inspector${path}`, {
        redirect: 'manual',
        headers: { accept: 'text/html', ...headers },
      });
      return { status: answer.status, text: await answer.text() };
    };
    for (const secret of [KEYS.support, KEYS.broker]) expect((await login('Ann', secret)).status).toBe(401);
    for (const secret of [KEYS.reader, KEYS.linker, KEYS.console]) {
      const cookie = (await login('Ann', secret)).headers.getSetCookie()[0]!.split(';')[0]!;
      for (const headers of [{ cookie }, { authorization: `Bearer ${secret}` }]) {
        const home = await page('', headers as unknown as Record<string, string>);
        expect([home.status, home.text.includes('/audit"')]).toEqual([200, false]);
        expect((await page('/audit', headers as unknown as Record<string, string>)).status).toBe(403);
      }
    }
    expect((await page('/audit', { authorization: `Bearer ${API_KEY}` })).status).toBe(200);
    const linker = (await login('Ann', KEYS.linker)).headers.getSetCookie()[0]!.split(';')[0]!;
    const { text } = await page('/tenants/acme', { cookie: linker });
    const answer = await fetch(`${running.url}/inspector/tenants/acme/commands/refresh`, {
      method: 'POST',
      headers: { cookie: linker },
      body: new URLSearchParams({ formToken: /name="formToken" value="([^"]+)"/.exec(text)![1]! }),
    });
    expect(answer.status).toBe(403);
  });

  test('viewers read, and change nothing', async () => {
    const entered = await login('Vic', VIEWER);
    const cookie = entered.headers.getSetCookie()[0]!.split(';')[0]!;
    const page = await fetch(`${running.url}/inspector/tenants/acme`, { headers: { cookie, accept: 'text/html' } });
    expect(page.status).toBe(200);
    const formToken = /name="formToken" value="([^"]+)"/.exec(await page.text())![1]!;
    const answer = await fetch(`${running.url}/inspector/tenants/acme/commands/disconnect`, {
      method: 'POST',
      headers: { cookie, accept: 'text/html' },
      body: new URLSearchParams({ formToken }),
    });
    expect(answer.status).toBe(403);
    expect((await running.api('GET', '/v1/tenants/acme/connection')).body.state).toBe('connected');
    expect((await audit())[0]).toMatchObject({ actor: { name: 'Vic' }, action: 'disconnect', outcome: 'refused' });
  });

  test('who guesses is stopped, and others at the same address are let in', async () => {
    for (let n = 0; n < 10; n++) expect((await login('Mallory', `guess ${n}`)).status).toBe(401);
    expect((await login('Mallory', PASSWORD)).status).toBe(429);
    expect((await login('Ann', PASSWORD)).status).toBe(303);
    expect((await audit()).slice(0, 2)).toMatchObject([
      { actor: { kind: 'operator', name: 'Ann' }, action: 'login', outcome: 'done' },
      { actor: { kind: 'nobody', name: 'Mallory' }, action: 'login', outcome: 'refused' },
    ]);
    const inspector = await openInspector(running.url, 'Nora');
    expect(await (await inspector.get('/audit')).text()).toContain('Mallory');
  });
});
