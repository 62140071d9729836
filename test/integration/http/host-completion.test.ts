import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { giveConsent } from '../../support/calendly/give-consent.ts';
import { connectionPath, connectTenant } from '../../support/service/connect-tenant.ts';
import { makeTimerDue } from '../../support/service/make-timer-due.ts';
import { startTestService, type Answer, type TestService } from '../../support/service/start-test-service.ts';
import { waitFor } from '../../support/service/wait-for.ts';
import { replayHistory } from '../../support/world/replay-history.ts';

const HOST = 'https://app.host.example/settings?tab=1';
let clock = 0;
let running: TestService;
beforeAll(async () => {
  running = await startTestService({
    env: { RETURN_TO_ORIGINS: 'https://app.host.example' },
    sandbox: { switches: { tokenRateLimit: null } },
    now: () => new Date(Date.now() + clock),
  });
});
afterEach(async () => {
  expect(await replayHistory(running.database.db)).toEqual([]);
});
afterAll(() => running.stop());

const post = (tenantId: string, command: string, body: object): Promise<Answer> =>
  running.api('POST', `${connectionPath(tenantId)}/${command}`, { body });
const view = async (tenantId: string): Promise<Answer['body']> =>
  (await running.api('GET', connectionPath(tenantId))).body;
const ask = async (tenantId: string, more: object = {}): Promise<string> =>
  (await post(tenantId, 'connect', { returnTo: HOST, completion: 'host', ...more })).body.authorizeUrl;
const secretsOf = async (tenantId: string): Promise<number> =>
  (await running.database.db.selectFrom('credential').select('id').where('tenant_id', '=', tenantId).execute()).length;
async function ticketFor(tenantId: string, account: string, more: object = {}): Promise<string> {
  const back = new URL((await giveConsent(await ask(tenantId, more), account)).headers.get('location')!);
  expect(Object.fromEntries(back.searchParams)).toEqual({ tab: '1', calendly: 'confirm', ticket: expect.any(String) });
  return back.searchParams.get('ticket')!;
}
async function expectRefused(tenantId: string, ticket: string): Promise<void> {
  // A back-fill may end meanwhile, which is a version of its own.
  const seen = async () => ({ ...(await view(tenantId)), version: null });
  const before = await seen();
  const { status, body } = await post(tenantId, 'complete', { ticket });
  expect([status, body.code]).toEqual([400, 'ticket_invalid']);
  expect(await seen()).toEqual(before);
}

test('a consent in the wrong hands links nothing until the host completes it', async () => {
  const ticket = await ticketFor('acme', 'alice');
  const tokens = () => running.database.db.selectFrom('oauth_grant').select('id').execute();
  expect(await tokens()).toEqual([]);
  expect(await view('acme')).toMatchObject({ state: 'authorizing', substate: 'awaitingConsent', account: null });

  const { status, body } = await post('acme', 'complete', { ticket });
  expect([status, body.calendly, body.reason]).toEqual([200, 'connected', null]);
  expect(body.connection).toMatchObject({ state: 'connected', account: { email: 'alice@ardent.example' } });
  await expectRefused('acme', ticket);
});

test('a ticket of one tenant is refused for another, and not used up by the try', async () => {
  await connectTenant(running, 'mallory', 'dave');
  const ticket = await ticketFor('trent', 'carol');
  await expectRefused('mallory', ticket);
  expect((await post('nobody-knows', 'complete', { ticket })).body.code).toBe('tenant_unknown');
  expect((await post('trent', 'complete', { ticket })).body.connection.state).toBe('connected');
});

test('a ticket ends after five minutes, with a later connect, and with a disconnect', async () => {
  const overtaken = await ticketFor('late', 'carol');
  const expired = await ticketFor('late', 'carol');
  await expectRefused('late', overtaken);
  clock += 5 * 60_000 + 1;
  await expectRefused('late', expired);
  const disconnected = await ticketFor('late', 'carol');
  await running.api('DELETE', connectionPath('late'));
  await expectRefused('late', disconnected);
  expect(await secretsOf('late')).toBe(0);
});

test('the link works once, the ticket is stored as a hash only, and no twenty completions make two', async () => {
  const authorizeUrl = await ask('once');
  const answered = await fetch(authorizeUrl, {
    method: 'POST',
    body: new URLSearchParams({ account: 'dave', decision: 'allow' }),
    redirect: 'manual',
  });
  const callback = answered.headers.get('location')!;
  const both = await Promise.all([1, 2].map(() => fetch(callback, { redirect: 'manual' })));
  expect(both.map(({ status }) => status).sort()).toEqual([303, 400]);
  const address = both.find(({ status }) => status === 303)!.headers.get('location')!;
  const ticket = new URL(address).searchParams.get('ticket')!;
  const row = await running.database.db
    .selectFrom('consent_attempt')
    .selectAll()
    .where('tenant_id', '=', 'once')
    .executeTakeFirstOrThrow();
  expect(JSON.stringify(row)).not.toContain(ticket);
  const answers = await Promise.all(Array.from({ length: 20 }, () => post('once', 'complete', { ticket })));
  expect(answers.map(({ status }) => status).sort()).toEqual([200, ...Array(19).fill(400)]);
  expect(running.logged.filter((line) => line.includes(ticket))).toEqual([]);
});

test('another account than before is still asked about, and a refusal at Calendly comes back at once', async () => {
  await connectTenant(running, 'switcher', 'alice');
  const ticket = await ticketFor('switcher', 'bob', { switchAccount: true });
  expect((await post('switcher', 'complete', { ticket })).body.calendly).toBe('connected');
  running.sandbox.controls.accounts.revokeLogin('bob');
  await post('switcher', 'refresh', {});
  const { body } = await post('switcher', 'complete', { ticket: await ticketFor('switcher', 'alice') });
  expect([body.calendly, body.connection.pendingAccount.email]).toEqual(['account_mismatch', 'alice@ardent.example']);
  const accountUri = body.connection.pendingAccount.uri;
  expect((await post('switcher', 'confirm-account', { accept: true, accountUri })).body.connection.state).toBe(
    'connected',
  );
  const denied = await giveConsent(await ask('denier'), 'carol', { decision: 'deny' });
  expect(new URL(denied.headers.get('location')!).searchParams.get('calendly')).toBe('denied');
});

describe('without a returnTo, the page asks before anything is linked', () => {
  const secretIn = (page: string): string => /name="confirmation" value="([^"]+)"/.exec(page)![1]!;
  const press = async (confirmation: string, accept: string, url = running.url) => {
    const body = new URLSearchParams({ confirmation, accept });
    const answer = await fetch(`${url}/oauth/confirm-account`, { method: 'POST', body });
    return { status: answer.status, page: await answer.text() };
  };
  const tokensOf = (slug: string) => {
    const { liveAccessTokens, liveRefreshTokens } = running.sandbox.controls.tokens(slug);
    return liveAccessTokens + liveRefreshTokens;
  };
  /** The page's secret, after a consent with an account of its own. */
  async function askedOn(tenantId: string): Promise<string> {
    running.sandbox.controls.accounts.add({ slug: tenantId, name: `Owner of ${tenantId}` });
    const { body } = await post(tenantId, 'connect', { completion: 'host' });
    const page = await (await giveConsent(body.authorizeUrl, tenantId)).text();
    expect(page).toContain('Link this Calendly account?');
    expect(page).toContain(`Link ${tenantId}@calendly-sandbox.example to ${tenantId}`);
    expect(await view(tenantId)).toMatchObject({ state: 'authorizing', substate: 'confirmingAccount', account: null });
    return secretIn(page);
  }

  test('a yes links, once, and nobody but that page can say it', async () => {
    const confirmation = await askedOn('yes');
    const accountUri = (await view('yes')).pendingAccount.uri;
    const byHost = await post('yes', 'confirm-account', { accept: true, accountUri });
    expect([byHost.status, byHost.body.code]).toEqual([409, 'event_not_accepted']);
    expect((await press('forged', 'true')).status).toBe(400);
    // Where Calendly was slow, the page asks later.
    expect((await press(confirmation, 'later')).page).toContain('Link this Calendly account?');

    const answers = await Promise.all([1, 2, 3].map(() => press(confirmation, 'true')));
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 400, 400]);
    expect(answers.find(({ status }) => status === 200)!.page).toContain('Calendly is connected');
    expect(await view('yes')).toMatchObject({ state: 'connected', account: { uri: accountUri } });
  });

  test('a no, and no answer for fifteen minutes, leave no token at Calendly', async () => {
    const declined = await askedOn('no');
    expect(tokensOf('no')).toBeGreaterThan(0);
    expect((await press(declined, 'false')).page).toContain('account_declined');
    await waitFor(() => tokensOf('no') === 0);

    const expired = await askedOn('silent');
    await makeTimerDue(running.database, 'silent', 'deadline');
    await waitFor(async () => (await view('silent')).state === 'disconnected');
    expect((await press(expired, 'true')).status).toBe(400);
    await waitFor(() => tokensOf('silent') === 0);
    for (const tenantId of ['no', 'silent'])
      await waitFor(async () => (await view(tenantId)).debts.length === 0 && (await secretsOf(tenantId)) === 0);
  });

  test('another instance takes the answer, and an account that is linked already is asked about as well', async () => {
    const confirmation = await askedOn('twice');
    const other = await startTestService({
      env: { PUBLIC_URL: running.url, RETURN_TO_ORIGINS: 'https://app.host.example' },
      database: running.database,
      sharedSandbox: running.sandbox,
    });
    expect((await press(confirmation, 'true', other.url)).page).toContain('Calendly is connected');
    await other.stop();
    const { body } = await post('twice', 'connect', { completion: 'host', switchAccount: true });
    const page = await (await giveConsent(body.authorizeUrl, 'twice')).text();
    expect((await press(secretIn(page), 'false')).status).toBe(200);
    await waitFor(async () => (await view('twice')).state === 'connected');
  });
});

test('a page that Calendly keeps waiting has a button to look again', async () => {
  running.sandbox.controls.accounts.add({ slug: 'patient', name: 'Patient' });
  const fault = running.sandbox.controls.faults.add({
    method: 'POST',
    path: '/webhook_subscriptions',
    kind: 'respond',
    status: 503,
    times: 'forever',
  });
  const { body } = await post('patient', 'connect', {});
  const page = await (await giveConsent(body.authorizeUrl, 'patient')).text();
  const confirmation = /name="confirmation" value="([^"]+)"/.exec(page)![1]!;
  running.sandbox.controls.faults.remove(fault);
  await post('patient', 'retry', {});
  await waitFor(async () => (await view('patient')).state === 'connected');
  const again = await fetch(`${running.url}/oauth/confirm-account`, {
    method: 'POST',
    body: new URLSearchParams({ confirmation, accept: 'later' }),
  });
  expect(await again.text()).toContain('Calendly is connected');
});
