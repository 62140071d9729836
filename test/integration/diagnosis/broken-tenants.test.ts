import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { giveConsent } from '../../support/calendly/give-consent.ts';
import { connectionPath, connectTenant } from '../../support/service/connect-tenant.ts';
import { makeTimerDue } from '../../support/service/make-timer-due.ts';
import { startReceiver } from '../../support/service/start-receiver.ts';
import { startTestService, type TestService } from '../../support/service/start-test-service.ts';
import { waitForBackfill } from '../../support/service/wait-for-backfill.ts';
import { waitFor } from '../../support/service/wait-for.ts';

let running: TestService;
let receiver: Awaited<ReturnType<typeof startReceiver>>;
beforeAll(async () => {
  receiver = await startReceiver();
  running = await startTestService({
    env: receiver.env,
    sandbox: { switches: { tokenRateLimit: null, apiRateLimit: null } },
  });
});
afterAll(async () => {
  await running.stop();
  await receiver.close();
});
beforeEach(() => {
  running.sandbox.controls.faults.clear();
  running.sandbox.controls.switches.reset();
  running.sandbox.controls.switches.set({ tokenRateLimit: null, apiRateLimit: null });
  receiver.answerWith(() => 204);
});

const controls = () => running.sandbox.controls;
const soon = { headers: { prefer: 'respond-async' } };
const command = (tenant: string, name: string) => running.api('POST', `${connectionPath(tenant)}/${name}`, soon);
const account = (tenant: string, more: object = {}) => controls().accounts.add({ slug: tenant, name: tenant, ...more });

async function connected(tenant: string, more: object = {}): Promise<void> {
  account(tenant, more);
  await connectTenant(running, tenant, tenant);
  await waitForBackfill(running, tenant);
}

async function consent(tenant: string, how: Parameters<typeof giveConsent>[2], body: object = {}): Promise<void> {
  const asked = await running.api('POST', `${connectionPath(tenant)}/connect`, { body });
  await giveConsent(asked.body.authorizeUrl, tenant, how);
}

/** A connected tenant is looked at again while Calendly answers like this on the way. */
const whileLooking =
  (path: string, fault: object, method = 'GET') =>
  async (tenant: string) => {
    await connected(tenant);
    controls().faults.add({ method, path, times: 'forever', ...fault } as never);
    await command(tenant, 'resync');
  };
const HOOKS = '/webhook_subscriptions';
const respond = (status: number, more: object = {}) => ({ kind: 'respond', status, ...more });

/** What is broken on purpose, and the code that has to be found. */
const BROKEN: [string, string, (tenant: string) => Promise<unknown>][] = [
  [
    'the customer removed the app at Calendly',
    'login_withdrawn',
    async (tenant) => {
      await connected(tenant);
      controls().accounts.revokeLogin(tenant);
      await command(tenant, 'refresh');
    },
  ],
  [
    'and was sent to Calendly again since',
    'consent_awaited_again',
    async (tenant) => {
      await connected(tenant);
      controls().accounts.revokeLogin(tenant);
      await running.api('POST', `${connectionPath(tenant)}/connect`);
    },
  ],
  [
    'the customer has not answered the consent page',
    'consent_awaited',
    async (tenant) => {
      account(tenant);
      await running.api('POST', `${connectionPath(tenant)}/connect`);
    },
  ],
  [
    'the customer said no',
    'consent_denied',
    async (tenant) => {
      account(tenant);
      await consent(tenant, { decision: 'deny' });
    },
  ],
  [
    'the customer allowed too little',
    'scope_missing',
    async (tenant) => {
      account(tenant);
      await consent(tenant, { scopes: ['users:read', 'scheduled_events:read'] });
    },
  ],
  [
    'the customer signed in with another account',
    'account_unconfirmed',
    async (tenant) => {
      await connected(tenant);
      account(`${tenant}-other`);
      controls().accounts.revokeLogin(tenant);
      const asked = await running.api('POST', `${connectionPath(tenant)}/connect`);
      await giveConsent(asked.body.authorizeUrl, `${tenant}-other`);
    },
  ],
  [
    'the plan refuses webhooks',
    'polling',
    async (tenant) => {
      controls().switches.set({ webhooksOnFreePlan: false });
      await connected(tenant, { plan: 'free' });
    },
  ],
  [
    'a member asks for webhooks of the whole organization',
    'role_too_small',
    async (tenant) => {
      account(`${tenant}-owner`);
      await connected(tenant, { organizationOf: `${tenant}-owner`, role: 'user' });
      await running.api('PUT', `/v1/tenants/${tenant}/settings`, { body: { webhookScope: 'organization' }, ...soon });
    },
  ],
  ['Calendly answers 503', 'calendly_failing', whileLooking(HOOKS, respond(503))],
  ['Calendly asks for fewer requests', 'rate_limited', whileLooking(HOOKS, respond(429))],
  ['Calendly cuts the connection', 'calendly_cuts_off', whileLooking(HOOKS, { kind: 'drop' })],
  ['Calendly answers with something else than JSON', 'answer_unreadable', whileLooking(HOOKS, { kind: 'garbage' })],
  ['Cloudflare answers instead of Calendly', 'blocked_by_proxy', whileLooking(HOOKS, { kind: 'blocked' })],
  [
    'the address of Calendly redirects',
    'redirected',
    whileLooking(HOOKS, respond(302, { headers: { location: '/' } })),
  ],
  [
    'Calendly refuses our request as wrong',
    'request_refused',
    whileLooking(HOOKS, respond(422, { body: { title: 'Invalid Argument', message: 'No.' } })),
  ],
  [
    'the client secret is wrong',
    'client_rejected_at_refresh',
    async (tenant) => {
      await connected(tenant);
      controls().faults.add({
        path: '/oauth/token',
        times: 'forever',
        kind: 'respond',
        status: 401,
        body: { error: 'invalid_client' },
      });
      await command(tenant, 'refresh');
    },
  ],
  [
    'refreshing fails while the access token is good',
    'refresh_failing',
    async (tenant) => {
      await connected(tenant);
      controls().faults.add({ path: '/oauth/token', times: 'forever', kind: 'respond', status: 503 });
      await command(tenant, 'refresh');
    },
  ],
  [
    'the encryption key is gone',
    'key_missing',
    async (tenant) => {
      await connected(tenant);
      await running.database.db
        .updateTable('credential')
        .set({ key_id: 'lost-key' })
        .where('tenant_id', '=', tenant)
        .execute();
      await command(tenant, 'refresh');
    },
  ],
  [
    'the code of the consent is refused',
    'code_refused',
    async (tenant) => {
      account(tenant);
      controls().faults.add({ path: '/oauth/token', kind: 'respond', status: 400, body: { error: 'invalid_grant' } });
      await consent(tenant, {});
    },
  ],
  [
    'the webhook cannot be deleted after a disconnect',
    'disconnected_owing',
    async (tenant) => {
      await connected(tenant);
      controls().faults.add({
        method: 'DELETE',
        path: `${HOOKS}/:uuid`,
        times: 'forever',
        kind: 'respond',
        status: 503,
      });
      await running.api('DELETE', connectionPath(tenant), soon);
    },
  ],
  [
    'a proxy changes the bodies of deliveries',
    'signature_wrong',
    async (tenant) => {
      await connected(tenant);
      const url = controls().subscriptions({ account: tenant })[0]!.callback_url;
      await fetch(url, {
        method: 'POST',
        body: '{"event":"invitee.created"}',
        headers: {
          'content-type': 'application/json',
          'calendly-webhook-signature': `t=${Math.floor(Date.now() / 1000)},v1=${'0'.repeat(64)}`,
        },
      });
    },
  ],
  [
    "the host's endpoint answers 500",
    'host_refuses',
    async (tenant) => {
      await connected(tenant);
      receiver.answerWith(() => 500);
      controls().book({ account: tenant, name: 'Gina', email: 'gina@guest.example' });
    },
  ],
  [
    'earlier meetings cannot be listed',
    'backfill_waiting',
    whileLooking('/scheduled_events', respond(403, { body: { title: 'Permission Denied', message: 'No.' } })),
  ],
  [
    'one scheduled event cannot be shown',
    'events_left_out',
    async (tenant) => {
      await connected(tenant);
      controls().book({ account: tenant, name: 'Gina', email: 'gina@guest.example' });
      controls().faults.add({
        path: '/scheduled_events/:uuid/invitees',
        times: 'forever',
        kind: 'respond',
        status: 403,
      });
      await command(tenant, 'resync');
      // The event is left out after three attempts.
      for (const failures of [1, 2]) {
        await waitFor(
          async () => {
            const { evidence } = (await running.api('GET', `/v1/tenants/${tenant}/diagnosis`)).body;
            return evidence.some(({ says }: { says: string }) => says === `failed attempts in a row: ${failures}`);
          },
          { timeoutMs: 10_000, describe: `${failures} failed attempts` },
        );
        await makeTimerDue(running.database, tenant, 'backfill');
      }
    },
  ],
];

test.each(BROKEN.map(([what, code, breakIt], at) => ({ what, code, breakIt, tenant: `broken-${at}` })))(
  '$what: $code',
  async ({ code, breakIt, tenant }) => {
    await breakIt(tenant);
    const found = await waitFor(
      async () => {
        const { body } = await running.api('GET', `/v1/tenants/${tenant}/diagnosis`);
        return body.code === code ? body : Promise.reject(new Error(JSON.stringify(body)));
      },
      { describe: `the diagnosis ${code}`, timeoutMs: 15_000 },
    );
    expect(found).toMatchObject({
      headline: expect.any(String),
      next: { who: expect.any(String), action: expect.any(String) },
    });
  },
);

test('an event that is on its way to the host for the first time is no refusal', async () => {
  await connected('on-its-way');
  await waitFor(
    () => receiver.taken(({ tenantId, data }) => tenantId === 'on-its-way' && data.state === 'connected').length > 0,
  );
  receiver.answerWith(() => 'hang');
  controls().book({ account: 'on-its-way', name: 'Gina', email: 'gina@guest.example' });
  await waitFor(() => receiver.hanging() > 0, { describe: 'the attempt under way' });
  expect((await running.api('GET', '/v1/tenants/on-its-way/diagnosis')).body).toMatchObject({ code: 'well', also: [] });
  receiver.letGo();
});
