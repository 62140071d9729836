import { afterAll, describe, expect, test } from 'vitest';
import { connectionPath, connectTenant } from '../../support/service/connect-tenant.ts';
import { giveConsent } from '../../support/calendly/give-consent.ts';
import { makeTimerDue } from '../../support/service/make-timer-due.ts';
import { account, connect, remote, running, serveThisFile, view } from '../../support/service/service-of-file.ts';
import { waitFor } from '../../support/service/wait-for.ts';

serveThisFile({ env: { REFRESH_RECENT_SECONDS: '0' }, sandbox: { switches: { tokenRateLimit: null } } });
// Before the service, which would wait for the call that hangs.
afterAll(() => running.sandbox.close());

const calls = (slug: string, path: string) =>
  running.sandbox.controls.calls().filter((call) => call.account === slug && call.path === path);
const presentations = (slug: string) =>
  running.sandbox.controls.tokens(slug).pairs.flatMap((pair) => pair.presentations.map(({ result }) => result));

const failures = {
  '503': { kind: 'respond', status: 503 },
  '500': { kind: 'respond', status: 500, body: '<html>' },
  '429': { kind: 'respond', status: 429, headers: { 'X-RateLimit-Reset': '1' } },
  'a dropped connection': { kind: 'drop' },
  garbage: { kind: 'garbage' },
  'a 302': { kind: 'respond', status: 302, headers: { location: 'http://127.0.0.1:1/' } },
  'an empty list': { kind: 'respond', status: 200, body: [] },
} as const;
const steps = {
  list: ['GET', '/webhook_subscriptions'],
  user: ['GET', '/users/me'],
  create: ['POST', '/webhook_subscriptions'],
} as const;
const cases = [
  ...Object.keys(failures).map((failure) => [failure, 'list']),
  ['503', 'user'],
  ['a dropped connection', 'user'],
  ['garbage', 'user'],
  ['503', 'create'],
  ['garbage', 'create'],
  ['429', 'create'],
] as [keyof typeof failures, keyof typeof steps][];

describe('a call that fails', () => {
  test('whatever a call answers on a reconnect, it is tried again by itself and ends with one webhook', async () => {
    await Promise.all(
      cases.map(async ([, step], at) => {
        const slug = `again${at}`;
        account(slug);
        await connectTenant(running, slug, slug);
        if (step === 'create') running.sandbox.controls.deleteSubscription(remote(slug)[0]!.uri);
      }),
    );
    // One after the other, each to its end: a fault strikes whoever comes next.
    for (const [at, [failure, step]] of cases.entries()) {
      const slug = `again${at}`;
      const [method, path] = steps[step];
      running.sandbox.controls.faults.add({ method, path, ...failures[failure] });
      const { status, body } = await connect(slug);
      expect({ failure, step, status, url: body.authorizeUrl }).toEqual({ failure, step, status: 200, url: null });
      // On a busy machine the next try may be over before the answer is read: the history has what was in between.
      const { items } = (await running.api('GET', `/v1/tenants/${slug}/history?limit=100`)).body;
      const failed = items.find(
        ({ kind, to }: { kind: string; to: string }) => kind === 'event' && to === 'error.retrying',
      );
      expect({ failure, step, failed }).toMatchObject({
        failed: {
          event: { failure: { code: expect.any(String), message: expect.any(String), exchangeId: expect.any(String) } },
        },
      });
      await makeTimerDue(running.database, slug, 'retry').catch(() => 'it was due already');
      await waitFor(async () => (await view(slug)).state === 'connected', {
        describe: `${failure} on ${step} to pass`,
        timeoutMs: 15_000,
      });
      expect((await view(slug)).lastError).toBeNull();
      expect(remote(slug).map(({ uri }) => uri)).toEqual([(await view(slug)).subscription.uri]);
    }
  });

  test.each(['503', 'a dropped connection', 'garbage', '429'] as const)(
    '%s for the code ends the attempt, the tenant is as it was and asks again',
    async (failure) => {
      const slug = `code-${failure.replaceAll(' ', '-')}`;
      account(slug);
      running.sandbox.controls.faults.add({ method: 'POST', path: '/oauth/token', ...failures[failure] });
      const page = await giveConsent((await connect(slug)).body.authorizeUrl, slug);
      expect([page.status, await page.text()]).toEqual([200, expect.stringContaining('could not be connected')]);
      expect(await view(slug)).toMatchObject({
        state: 'disconnected',
        substate: 'idle',
        account: null,
        lastError: { code: expect.any(String) },
      });
      await connectTenant(running, slug, slug);
    },
  );
});

describe('a refresh that Calendly puts off', () => {
  test.each(['503', '429'] as const)(
    '%s for a refresh costs nothing while the access token lives, and its token is presented again',
    async (failure) => {
      const slug = `refresh-${failure.replaceAll(' ', '-')}`;
      account(slug);
      await connectTenant(running, slug, slug);
      running.sandbox.controls.faults.add({ method: 'POST', path: '/oauth/token', ...failures[failure] });
      expect((await running.api('POST', `${connectionPath(slug)}/refresh`)).status).toBe(202);
      await waitFor(
        async () =>
          (
            await running.database.db
              .selectFrom('refresh_intent')
              .select('outcome')
              .where('tenant_id', '=', slug)
              .execute()
          )[0]?.outcome,
      );
      await waitFor(async () => (await view(slug)).state === 'connected');
      await makeTimerDue(running.database, slug, 'refresh');
      await waitFor(() => presentations(slug).length === 1);
      await waitFor(async () => (await view(slug)).state === 'connected');
      expect(presentations(slug)).toEqual(['refreshed']);
    },
  );

  test('a token endpoint that asks for a minute gets it before the next refresh', async () => {
    account('patient');
    await connectTenant(running, 'patient', 'patient');
    running.sandbox.controls.faults.add({
      method: 'POST',
      path: '/oauth/token',
      kind: 'respond',
      status: 429,
      headers: { 'x-ratelimit-reset': '600' },
    });
    await running.api('POST', `${connectionPath('patient')}/refresh`);
    await waitFor(
      () => calls('patient', '/oauth/token').length === 1 && running.sandbox.controls.faults.list().length === 0,
    );
    await waitFor(async () => (await view('patient')).state === 'connected');
    const timer = await running.database.db
      .selectFrom('timer')
      .select('due_at')
      .where('tenant_id', '=', 'patient')
      .where('name', '=', 'refresh')
      .executeTakeFirstOrThrow();
    expect(timer.due_at.getTime() - Date.now()).toBeGreaterThan(590_000);
  });
});

describe('a refresh that Calendly refuses', () => {
  test('a refresh token that Calendly refuses asks for consent in the same request', async () => {
    account('refused');
    await connectTenant(running, 'refused', 'refused');
    running.sandbox.controls.accounts.revokeLogin('refused');
    const { status, body } = await connect('refused');
    expect({ status, body }).toMatchObject({
      status: 200,
      body: {
        authorizeUrl: expect.stringContaining('/oauth/authorize'),
        connection: { state: 'authorizing', account: { name: 'Owner of refused' } },
      },
    });
    await giveConsent(body.authorizeUrl, 'refused');
    expect(await view('refused')).toMatchObject({ state: 'connected', lastError: null });
    await waitFor(async () => (await view('refused')).debts.length === 0);
    expect(remote('refused')).toHaveLength(1);
  });

  test('a refused refresh that nobody waits for says what a person has to do', async () => {
    account('lost');
    await connectTenant(running, 'lost', 'lost');
    running.sandbox.controls.accounts.revokeLogin('lost');
    await makeTimerDue(running.database, 'lost', 'refresh');
    await waitFor(async () => (await view('lost')).state === 'error');
    expect(await view('lost')).toMatchObject({
      substate: 'needsReauthorization',
      lastError: { code: 'invalid_grant', exchangeId: expect.any(String) },
    });
    expect((await connect('lost')).body.authorizeUrl).toContain('/oauth/authorize');
  });

  test.each([400, 401])(
    'a wrong client secret (or %s without invalid_grant) is our fault, and no grant is lost by it',
    async (status) => {
      const slug = `client${status}`;
      account(slug);
      await connectTenant(running, slug, slug);
      running.sandbox.controls.faults.add({
        method: 'POST',
        path: '/oauth/token',
        kind: 'respond',
        status,
        body: { error: 'invalid_client' },
      });
      expect((await connect(slug)).body).toMatchObject({
        authorizeUrl: null,
        connection: { state: 'error', substate: 'needsAttention', token: { expiresAt: expect.any(String) } },
      });
      expect((await running.api('GET', `/v1/tenants/${slug}/access-token`)).status).toBe(200);
      expect((await connect(slug)).body).toMatchObject({ authorizeUrl: null, connection: { state: 'connected' } });
    },
  );
});

describe('other answers', () => {
  test.each([
    ['GET', '/users/me'],
    ['GET', '/webhook_subscriptions'],
    ['POST', '/webhook_subscriptions'],
  ] as const)('a 401 on %s %s is answered with one refresh', async (method, path) => {
    const slug = `unauthorized-${method}-${path.slice(1, 6)}`.toLowerCase();
    account(slug);
    await connectTenant(running, slug, slug);
    if (method === 'POST') running.sandbox.controls.deleteSubscription(remote(slug)[0]!.uri);
    const before = presentations(slug).length;
    running.sandbox.controls.faults.add({ method, path, kind: 'respond', status: 401 });
    await running.api('POST', `${connectionPath(slug)}/${path === '/users/me' ? 'retry' : 'resync'}`);
    if (path === '/users/me') await connect(slug);
    await waitFor(
      async () => (await view(slug)).state === 'connected' && running.sandbox.controls.faults.list().length === 0,
    );
    expect(presentations(slug).slice(before).length).toBeLessThanOrEqual(path === '/users/me' ? 2 : 1);
    expect(presentations(slug).every((result) => result === 'refreshed')).toBe(true);
    await waitFor(async () => (await view(slug)).debts.length === 0);
    expect(remote(slug)).toHaveLength(1);
  });

  test('a call that hangs past its deadline is an error that mends itself', async () => {
    account('hangs');
    await connectTenant(running, 'hangs', 'hangs');
    running.sandbox.controls.faults.add({ method: 'GET', path: '/webhook_subscriptions', kind: 'hang' });
    expect(
      (await running.api('POST', `${connectionPath('hangs')}/connect`, { headers: { prefer: 'wait=1' } })).status,
    ).toBe(202);
    await makeTimerDue(running.database, 'hangs', 'deadline');
    await waitFor(async () => (await view('hangs')).state === 'error');
    expect(await view('hangs')).toMatchObject({ substate: 'retrying', lastError: { code: 'deadline_passed' } });
    await makeTimerDue(running.database, 'hangs', 'retry');
    await waitFor(async () => (await view('hangs')).state === 'connected');
    expect(remote('hangs')).toHaveLength(1);
  });
});
