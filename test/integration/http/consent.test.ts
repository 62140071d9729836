import { describe, expect, test } from 'vitest';
import { connectionPath, connectTenant } from '../../support/service/connect-tenant.ts';
import { giveConsent } from '../../support/calendly/give-consent.ts';
import { makeTimerDue } from '../../support/service/make-timer-due.ts';
import { connect, running, view } from '../../support/service/service-of-file.ts';
import type { Answer } from '../../support/service/start-test-service.ts';
import { waitFor } from '../../support/service/wait-for.ts';
import { callbackAddress, expectInvalidPage, expectPrivate, HOST, serveBrowsers, wherefrom } from './browsers.ts';

serveBrowsers();

const stateOf = (authorizeUrl: string): string => new URL(authorizeUrl).searchParams.get('state')!;
const callback = (query: string | Record<string, string>, method = 'GET') =>
  fetch(`${running.url}/oauth/callback?${typeof query === 'string' ? query : new URLSearchParams(query).toString()}`, {
    method,
    redirect: 'manual',
  });
describe('the start of a consent', () => {
  test("the consent URL is Calendly's, with a one-time state and a PKCE challenge, and the database knows neither", async () => {
    const { body } = await connect('url');
    const url = new URL(body.authorizeUrl);
    expect(`${url.origin}${url.pathname}`).toBe(`${running.sandbox.url}/oauth/authorize`);
    expect(Object.fromEntries(url.searchParams)).toEqual({
      client_id: 'test-client',
      response_type: 'code',
      redirect_uri: `${running.url}/oauth/callback`,
      scope: 'users:read scheduled_events:read webhooks:read webhooks:write',
      state: expect.stringMatching(/^[\w-]{43}$/),
      code_challenge: expect.stringMatching(/^[\w-]{43}$/),
      code_challenge_method: 'S256',
    });
    expect(body.connection).toMatchObject({
      tenantId: 'url',
      state: 'authorizing',
      substate: 'awaitingConsent',
      account: null,
      token: null,
      subscription: null,
    });
  });

  test('a later connect replaces the pending attempt: only the newest state lives, also of ten that came at once', async () => {
    const first = await connect('replaced');
    const answers = await Promise.all(Array.from({ length: 10 }, () => connect('replaced')));
    expect(answers.map(({ status }) => status)).toEqual(Array(10).fill(200));
    const last = await connect('replaced');
    const states = [first, ...answers, last].map(({ body }) => stateOf(body.authorizeUrl));
    expect(new Set(states).size).toBe(12);
    const { version } = await view('replaced');
    for (const state of states.slice(0, -1)) await expectInvalidPage(await callback({ code: 'a'.repeat(64), state }));
    expect((await view('replaced')).version).toBe(version);
    const { db } = running.database;
    expect(
      await db.selectFrom('consent_attempt').select('id').where('tenant_id', '=', 'replaced').execute(),
    ).toHaveLength(1);
    expect(await db.selectFrom('credential').select('id').where('tenant_id', '=', 'replaced').execute()).toHaveLength(
      1,
    );
    expect((await giveConsent(last.body.authorizeUrl, 'dave')).status).toBe(200);
    expect((await view('replaced')).state).toBe('connected');
  });

  test.each([
    ['another host', 'https://evil.example/'],
    ['a host in front', 'https://app.host.example@evil.example/'],
    ['a host behind', 'https://app.host.example.evil.example/'],
    ['a user name', 'https://user@app.host.example/'],
    ['a password', 'https://:secret@app.host.example/'],
    ['another port', 'https://app.host.example:444/'],
    ['another scheme', 'http://app.host.example/'],
    ['a script', 'javascript:alert(1)//https://app.host.example/'],
    ['data', 'data:text/html,https://app.host.example'],
    ['a blob of an allowed origin', 'blob:https://app.host.example/8a3b'],
    ['no scheme', '//app.host.example/'],
    ['a path', '/settings'],
    ['nothing', ''],
    ['another localhost', 'http://localhost:8081/'],
    ['a backslash', 'https://evil.example\\@app.host.example/'],
    ['no URL', 'https://'],
    ['a dotted host', 'https://app.host.example./'],
    ['an encoded @', 'https://app.host.example%40evil.example/'],
    ['too long', `${HOST}/${'x'.repeat(3000)}`],
  ])('returnTo with %s is refused, and no attempt is made', async (_, returnTo) => {
    const { status, body } = await connect('refused', { returnTo });
    expect({ status, code: body.code }).toEqual({
      status: 400,
      code: returnTo.length > 2000 ? 'request_invalid' : 'return_to_not_allowed',
    });
    expect((await running.api('GET', connectionPath('refused'))).status).toBe(404);
  });

  test.each([
    [`${HOST}/settings?tab=1#calendly`, `${HOST}/settings?tab=1&calendly=denied&reason=consent_denied#calendly`],
    [HOST, `${HOST}/?calendly=denied&reason=consent_denied`],
    ['HTTPS://APP.HOST.EXAMPLE:443/x', `${HOST}/x?calendly=denied&reason=consent_denied`],
    [
      'http://localhost:8080/?calendly=connected&a=b',
      'http://localhost:8080/?calendly=denied&a=b&reason=consent_denied',
    ],
    [`${HOST}/\\..//evil.example`, `${HOST}//evil.example?calendly=denied&reason=consent_denied`],
    [`${HOST}/\u0000\ud800`, `${HOST}/%00%EF%BF%BD?calendly=denied&reason=consent_denied`],
  ])('after consent the browser goes back to %j', async (returnTo, location) => {
    const { body } = await connect('back', { returnTo });
    const response = await giveConsent(body.authorizeUrl, 'alice', { decision: 'deny' });
    expect(wherefrom(response)).toEqual([303, location]);
    expectPrivate(response);
  });
});

describe('the callback', () => {
  test.each([
    ['no parameters', ''],
    ['no state', 'code=abc'],
    ['a state alone', 'state=abc'],
    ['a forged state', `code=abc&state=${'A'.repeat(43)}`],
    ['an error and no state', 'error=access_denied'],
    ['an error and a forged state', 'error=access_denied&state=abc'],
    ['an empty state', 'code=abc&state='],
    ['two states', 'code=abc&state=a&state=b'],
    ['a NUL', 'code=a%00&state=%00'],
    ['a huge state', `code=abc&state=${'s'.repeat(9000)}`],
  ])('a callback with %s is a 400 page and changes nothing', async (_, query) => {
    const count = () =>
      running.database.db
        .selectFrom('history')
        .select(({ fn }) => fn.countAll().as('rows'))
        .execute();
    const before = await count();
    await expectInvalidPage(await callback(query));
    expect(await count()).toEqual(before);
  });

  test('a state works once: used, expired, of a replaced attempt or of a disconnected tenant it changes nothing', async () => {
    const asked = await connect('once');
    const address = await callbackAddress(asked.body.authorizeUrl, 'dave');
    expect((await fetch(address, { method: 'HEAD' })).status).toBe(404);
    expect((await fetch(address)).status).toBe(200);
    const connected = await view('once');
    expect(connected.state).toBe('connected');
    await expectInvalidPage(await fetch(address));
    await expectInvalidPage(await callback({ error: 'access_denied', state: stateOf(asked.body.authorizeUrl) }));
    expect({ ...(await view('once')), version: 0 }).toEqual({ ...connected, version: 0 });

    const pending = await connect('once', { switchAccount: true });
    const late = await callbackAddress(pending.body.authorizeUrl, 'dave');
    await running.api('DELETE', connectionPath('once'));
    await expectInvalidPage(await fetch(late));
    expect(await view('once')).toMatchObject({ state: 'disconnected', account: null });

    const expiring = await connect('once');
    const expired = await callbackAddress(expiring.body.authorizeUrl, 'dave');
    await makeTimerDue(running.database, 'once', 'deadline');
    await waitFor(async () => (await view('once')).state === 'disconnected');
    expect((await view('once')).lastError).toMatchObject({ code: 'consent_expired' });
    await expectInvalidPage(await fetch(expired));
    expect((await view('once')).state).toBe('disconnected');
  });

  test('ten copies of one callback at once connect once', async () => {
    const asked = await connect('copies');
    const address = await callbackAddress(asked.body.authorizeUrl, 'dave');
    const statuses = (await Promise.all(Array.from({ length: 10 }, () => fetch(address)))).map(({ status }) => status);
    expect(statuses.sort()).toEqual([200, ...Array(9).fill(400)]);
    const {
      account: { uri },
    } = await view('copies');
    expect(
      running.sandbox.controls
        .subscriptions({ account: 'dave' })
        .filter(({ callback_url: url }) => url.startsWith(running.url) && url),
    ).not.toEqual([]);
    expect(
      await running.database.db
        .selectFrom('subscription')
        .select('id')
        .where('tenant_id', '=', 'copies')
        .where('account_uri', '=', uri)
        .execute(),
    ).toHaveLength(1);
  });

  test("one tenant's state never connects another tenant", async () => {
    const [mine, theirs] = [await connect('mine'), await connect('theirs')];
    await giveConsent(mine.body.authorizeUrl, 'dave');
    expect((await view('mine')).state).toBe('connected');
    expect(await view('theirs')).toMatchObject({ state: 'authorizing', account: null });
    expect(stateOf(theirs.body.authorizeUrl)).not.toBe(stateOf(mine.body.authorizeUrl));
  });
});

describe('a consent that comes to nothing', () => {
  test.each([
    ['access_denied', 'denied', 'consent_denied'],
    ['server_error', 'failed', 'consent_failed'],
    ['<script>', 'failed', 'consent_failed'],
    ['\u0000', 'failed', 'consent_failed'],
  ])("Calendly's error %j leads back as %s, and the tenant is as it was", async (error, ending, reason) => {
    const asked = await connect('errors', { returnTo: `${HOST}/x` });
    const response = await callback({
      error,
      error_description: 'See https://evil.example',
      state: stateOf(asked.body.authorizeUrl),
    });
    expect(wherefrom(response)).toEqual([303, `${HOST}/x?calendly=${ending}&reason=${reason}`]);
    expectPrivate(response);
    expect(await view('errors')).toMatchObject({
      state: 'disconnected',
      substate: 'idle',
      account: null,
      lastError: { code: reason },
    });
  });

  test('a code that Calendly refuses leads back as failed', async () => {
    const asked = await connect('code', { returnTo: HOST });
    expect(wherefrom(await callback({ code: 'f'.repeat(64), state: stateOf(asked.body.authorizeUrl) }))).toEqual([
      303,
      `${HOST}/?calendly=failed&reason=code_refused`,
    ]);
    expect(await view('code')).toMatchObject({ state: 'disconnected', lastError: { code: 'code_refused' } });
  });
});

describe('the page without returnTo', () => {
  test('without returnTo a page names tenant and account, and needs no other host', async () => {
    const asked = await connect('page');
    const response = await giveConsent(asked.body.authorizeUrl, 'alice');
    const page = await response.text();
    expect(page).toContain('page</code>');
    expect(page).toContain(running.sandbox.controls.accounts.get('alice').email);
    expect(page).not.toMatch(/(src|href)=|<script/);
    expect(response.headers.get('content-security-policy')).toContain("default-src 'none'");
    expectPrivate(response);
  });
});

describe('a connected tenant', () => {
  test('denied, expired or failed consent takes nothing away from a connected tenant', async () => {
    const before = await connectTenant(running, 'keeps', 'dave');
    const same = (connection: Answer['body']) => [
      connection.state,
      connection.account,
      connection.token,
      connection.subscription?.uri,
      connection.delivery,
    ];
    const asks = async () =>
      (await connect('keeps', { switchAccount: true, returnTo: HOST })).body.authorizeUrl as string;
    const url = await asks();
    expect(same(await view('keeps')).slice(1)).toEqual(same(before).slice(1));
    expect((await running.api('GET', '/v1/tenants/keeps/access-token')).status).toBe(200);
    expect(wherefrom(await giveConsent(url, 'dave', { decision: 'deny' }))).toEqual([
      303,
      `${HOST}/?calendly=denied&reason=consent_denied`,
    ]);
    expect(same(await view('keeps'))).toEqual(same(before));
    expect((await callback({ code: 'x', state: stateOf(await asks()) })).status).toBe(303);
    expect(same(await view('keeps'))).toEqual(same(before));
    await asks();
    await makeTimerDue(running.database, 'keeps', 'deadline');
    await waitFor(async () => (await view('keeps')).state === 'connected');
    expect(same(await view('keeps'))).toEqual(same(before));
  });
});

describe('the wait of connect', () => {
  test('a connect that lasts longer than its wait is a 202 to be called again; respond-async waits not at all', async () => {
    running.sandbox.controls.accounts.add({ slug: 'slow', name: 'Slow' });
    await connectTenant(running, 'waits', 'slow');
    const again = (prefer: string) =>
      running.api('POST', `${connectionPath('waits')}/connect`, { headers: { prefer } });
    for (const prefer of ['Respond-Async; x="y"', 'wait=0, handling=lenient']) {
      running.sandbox.controls.faults.add({ path: '/users/me', kind: 'delay', ms: 300 });
      const { status, headers, body } = await again(prefer);
      expect({ prefer, status, retry: headers.get('retry-after'), body }).toMatchObject({
        prefer,
        status: 202,
        retry: '1',
        body: { authorizeUrl: null, connection: { account: { name: 'Slow' } } },
      });
      expect(await again('wait=9')).toMatchObject({
        status: 200,
        body: { authorizeUrl: null, connection: { state: 'connected' } },
      });
    }
  });
});
