import { readFileSync } from 'node:fs';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { nameOf } from '../../../src/calendly/user-agent.ts';
import type { FaultKind } from '../../../src/sandbox/index.ts';
import { connectionPath, connectTenant } from '../../support/service/connect-tenant.ts';
import { makeTimerDue } from '../../support/service/make-timer-due.ts';
import { startTestService, type Answer, type TestService } from '../../support/service/start-test-service.ts';
import { waitFor } from '../../support/service/wait-for.ts';

let running: TestService;
beforeAll(async () => {
  running = await startTestService({
    env: { REFRESH_RECENT_SECONDS: '0' },
    sandbox: { switches: { tokenRateLimit: null } },
  });
});
afterEach(() => {
  running.sandbox.controls.faults.clear();
  running.sandbox.controls.switches.set({ refusedUserAgents: [], missingScopeStatus: 403 });
});
afterAll(() => running.stop());

const view = async (tenantId: string): Promise<Answer['body']> =>
  (await running.api('GET', connectionPath(tenantId))).body;
const connect = (tenantId: string) => running.api('POST', `${connectionPath(tenantId)}/connect`, { body: {} });
const account = (slug: string, more: object = {}) =>
  running.sandbox.controls.accounts.add({ slug, name: `Owner of ${slug}`, ...more });
const remote = (slug: string) => running.sandbox.controls.subscriptions({ account: slug });

/** 403s that are not Calendly's own words. */
const refusals: Record<string, FaultKind> = {
  "Cloudflare's text": { kind: 'blocked' },
  'a page of HTML': {
    kind: 'respond',
    status: 403,
    body: '<html><h1>403 Forbidden</h1></html>',
    headers: { 'content-type': 'text/html' },
  },
  'other JSON': { kind: 'respond', status: 403, body: { message: 'Forbidden by policy' } },
  'a message that is no text': {
    kind: 'respond',
    status: 403,
    body: { title: 'Permission Denied', message: { upgrade: true } },
  },
};
const steps = {
  list: ['GET', '/webhook_subscriptions'],
  create: ['POST', '/webhook_subscriptions'],
  refresh: ['POST', '/oauth/token'],
} as const;
const cases = Object.keys(steps).flatMap((step) =>
  Object.keys(refusals).map((refusal) => [step, refusal] as [keyof typeof steps, string]),
);

describe("a 403 that is not Calendly's", () => {
  test.each(cases)(
    'on %s, a 403 with %s is tried again and never said to be the plan, the role or a scope',
    async (step, refusal) => {
      const slug = `${step}-${Object.keys(refusals).indexOf(refusal)}`;
      account(slug);
      await connectTenant(running, slug, slug);
      if (step === 'create') running.sandbox.controls.deleteSubscription(remote(slug)[0]!.uri);
      const [method, path] = steps[step];
      running.sandbox.controls.faults.add({ method, path, ...refusals[refusal]! });
      expect((await connect(slug)).body.authorizeUrl).toBeNull();
      const { items } = (await running.api('GET', `/v1/tenants/${slug}/history?limit=100`)).body;
      const events = items.map((item: Answer['body']) => item.event).filter(Boolean);
      expect(events.map((event: Answer['body']) => event.type)).not.toContain('permission.refused');
      expect(events.find((event: Answer['body']) => event.failure)).toMatchObject({
        failure: { kind: 'transient', code: 'forbidden_by_proxy' },
      });
      await makeTimerDue(running.database, slug, 'retry').catch(() => 'it was due already');
      await waitFor(async () => (await view(slug)).state === 'connected', {
        describe: `${slug} to be connected again`,
        timeoutMs: 15_000,
      });
      expect(remote(slug)).toHaveLength(1);
    },
  );

  test("a debt is not blocked by a 403 that is not Calendly's: it is tried again", async () => {
    account('owing');
    await connectTenant(running, 'owing', 'owing');
    running.sandbox.controls.faults.add({
      method: 'DELETE',
      path: '/webhook_subscriptions/:uuid',
      kind: 'blocked',
      times: 6,
    });
    running.sandbox.controls.faults.add({ method: 'POST', path: '/oauth/revoke', kind: 'blocked' });
    await running.api('DELETE', connectionPath('owing'));
    await waitFor(
      async () => {
        const { debts } = await view('owing');
        if (debts.length > 0) {
          expect(['forbidden_by_proxy', undefined]).toContain(debts[0].lastError?.code);
          await running.api('POST', `${connectionPath('owing')}/retry`);
        }
        return debts.length === 0;
      },
      { describe: 'the debts to be settled', timeoutMs: 18_000 },
    );
    expect(remote('owing')).toEqual([]);
    expect(running.sandbox.controls.tokens('owing').liveRefreshTokens).toBe(0);
  });
});

describe('the user agent', () => {
  test('every call to Calendly says who it is from: API, token endpoint and revocation', async () => {
    const { name, version } = JSON.parse(readFileSync(new URL('../../../package.json', import.meta.url), 'utf8'));
    account('named');
    running.sandbox.controls.switches.set({ refusedUserAgents: ['node', 'undici', 'ky', 'oauth4webapi', 'python'] });
    await connectTenant(running, 'named', 'named');
    await running.api('DELETE', connectionPath('named'));
    const calls = running.sandbox.controls
      .calls()
      .filter((call) => call.account === 'named' && call.path !== '/oauth/authorize');
    expect(calls.map(({ path }) => path)).toEqual(
      expect.arrayContaining(['/oauth/token', '/users/me', '/webhook_subscriptions', '/oauth/revoke']),
    );
    expect(new Set(calls.map(({ userAgent }) => userAgent?.split(' ')[0]))).toEqual(new Set([`${name}/${version}`]));
    expect(nameOf({ name: 'a', version: '1.2.3', homepage: 'https://a.example/' })).toBe(
      'a/1.2.3 (+https://a.example/)',
    );
  });
});

describe('a 400 at a create', () => {
  test('a create that is answered with 400 for want of a scope names the scopes, and the next connect asks for consent', async () => {
    running.sandbox.controls.switches.set({ missingScopeStatus: 400 });
    account('narrow');
    const connection = await connectTenant(running, 'narrow', 'narrow', {
      scopes: ['users:read', 'webhooks:write'],
      state: 'error',
    });
    expect(connection).toMatchObject({
      substate: 'needsPermission',
      lastError: { code: 'scope_missing', missingScopes: ['scheduled_events:read'] },
    });
    expect((await connect('narrow')).body.authorizeUrl).toContain('/oauth/authorize');
  });

  test('a 400 with every scope granted is a mistake of ours, not a matter of permission', async () => {
    running.sandbox.controls.faults.add({
      method: 'POST',
      path: '/webhook_subscriptions',
      kind: 'respond',
      status: 400,
    });
    account('wide');
    const connection = await connectTenant(running, 'wide', 'wide', { state: 'error' });
    expect(connection).toMatchObject({ substate: 'needsAttention', lastError: { code: 'request_refused' } });
  });
});
