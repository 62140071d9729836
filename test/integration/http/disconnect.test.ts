import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { connectionPath, connectTenant } from '../../support/service/connect-tenant.ts';
import { giveConsent } from '../../support/calendly/give-consent.ts';
import { makeTimerDue } from '../../support/service/make-timer-due.ts';
import { replayHistory } from '../../support/world/replay-history.ts';
import { searchDatabase } from '../../support/postgres/search-database.ts';
import { startTestService, type Answer, type TestService } from '../../support/service/start-test-service.ts';
import { waitFor } from '../../support/service/wait-for.ts';

let running: TestService;
beforeAll(async () => {
  running = await startTestService({ sandbox: { switches: { tokenRateLimit: null } } });
});
afterEach(async () => {
  running.sandbox.controls.faults.clear();
  expect(await replayHistory(running.database.db)).toEqual([]);
});
afterAll(() => running.stop());

const view = async (tenantId: string): Promise<Answer['body']> =>
  (await running.api('GET', connectionPath(tenantId))).body;
const disconnect = (tenantId: string) => running.api('DELETE', connectionPath(tenantId));
const remote = (account: string) => running.sandbox.controls.subscriptions({ account }).length;
async function connectNew(tenantId: string): Promise<void> {
  running.sandbox.controls.accounts.add({ slug: tenantId, name: `Owner of ${tenantId}` });
  await connectTenant(running, tenantId, tenantId);
}
const secretsOf = (tenantId: string) =>
  running.database.db
    .selectFrom('credential')
    .select('purpose')
    .where('tenant_id', '=', tenantId)
    .where('purpose', 'in', ['access_token', 'refresh_token'])
    .execute();

describe('a disconnect', () => {
  test('a disconnect deletes the webhook, then revokes the tokens, then wipes them, and can be repeated', async () => {
    await connectNew('plain');
    running.sandbox.controls.clearCalls();
    const { status, body } = await disconnect('plain');
    expect({ status, debts: body.debts }).toEqual({ status: 200, debts: [] });
    expect(body.connection).toMatchObject({
      state: 'disconnected',
      substate: 'idle',
      account: null,
      token: null,
      subscription: null,
      delivery: null,
      lastError: null,
    });
    const calls = running.sandbox.controls
      .calls()
      .filter(({ path }) => /revoke|webhook/.test(path))
      .map(({ method, path }) => `${method} ${path.split('/')[1]}`);
    expect(calls).toEqual(['DELETE webhook_subscriptions', 'POST oauth', 'POST oauth']);
    expect(running.sandbox.controls.tokens('plain')).toMatchObject({ liveAccessTokens: 0, liveRefreshTokens: 0 });
    expect(await secretsOf('plain')).toEqual([]);
    for (let round = 0; round < 3; round++)
      expect(await disconnect('plain')).toMatchObject({
        status: 200,
        body: { debts: [], connection: { state: 'disconnected', substate: 'idle' } },
      });
    expect(await running.api('GET', '/v1/tenants/plain/access-token')).toMatchObject({
      status: 409,
      body: { code: 'no_usable_grant' },
    });
    expect((await running.api('GET', '/v1/tenants/plain/meetings')).body).toEqual({ items: [], nextCursor: null });
  });

  test('with Calendly down what is owed is shown with its remote id, and settles by itself later', async () => {
    await connectNew('owing');
    const { subscription } = await view('owing');
    running.sandbox.controls.faults.add({
      method: 'DELETE',
      path: '/webhook_subscriptions/:uuid',
      kind: 'respond',
      status: 503,
      times: 'forever',
    });
    const { status, body } = await disconnect('owing');
    expect({ status, connection: body.connection }).toMatchObject({
      status: 200,
      connection: { state: 'disconnected', substate: 'settling', account: null },
    });
    const [first, second] = byKind(body.debts);
    expect(first).toEqual({ kind: 'grant', remoteId: expect.any(String), attempts: 0, lastError: null });
    expect(second).toEqual({
      kind: 'subscription',
      remoteId: subscription.uri,
      attempts: 1,
      lastError: {
        code: 'calendly_error',
        message: expect.any(String),
        at: expect.any(String),
        exchangeId: expect.any(String),
      },
    });
    const exchanges = await running.api('GET', '/v1/tenants/owing/exchanges');
    expect(exchanges.body.items.map((item: { id: string }) => item.id)).toContain(second.lastError.exchangeId);
    expect((await running.api('GET', '/v1/tenants/owing/meetings')).body.items).toEqual([]);

    await makeTimerDue(
      running.database,
      'owing',
      `debt:subscription:${new URL(await callbackUrl('owing')).pathname.split('/').at(-1)}`,
    );
    await waitFor(async () => byKind((await view('owing')).debts)[1]?.attempts === 2);
    running.sandbox.controls.faults.clear();
    await waitFor(async () => (await view('owing')).debts.length === 0, { timeoutMs: 15_000 });
    expect(await view('owing')).toMatchObject({ state: 'disconnected', substate: 'idle' });
    expect(remote('owing')).toBe(0);
    expect(await secretsOf('owing')).toEqual([]);
  });

  const byKind = (debts: Answer['body']): Answer['body'] =>
    debts.toSorted((a: { kind: string }, b: { kind: string }) => a.kind.localeCompare(b.kind));
  async function callbackUrl(tenantId: string): Promise<string> {
    const row = await running.database.db
      .selectFrom('subscription')
      .select('callback_url')
      .where('tenant_id', '=', tenantId)
      .executeTakeFirstOrThrow();
    return row.callback_url;
  }

  test('a repeated disconnect tries at once what is owed, and owes nothing when it answers', async () => {
    await connectNew('repeated');
    running.sandbox.controls.faults.add({
      method: 'DELETE',
      path: '/webhook_subscriptions/:uuid',
      kind: 'respond',
      status: 503,
    });
    expect((await disconnect('repeated')).body.debts).toHaveLength(2);
    expect((await disconnect('repeated')).body).toMatchObject({ debts: [], connection: { substate: 'idle' } });
    expect(remote('repeated')).toBe(0);
  });

  test('a disconnect in the middle of a create leaves nothing at Calendly', async () => {
    running.sandbox.controls.accounts.add({ slug: 'middle', name: 'Middle' });
    running.sandbox.controls.faults.add({
      method: 'POST',
      path: '/webhook_subscriptions',
      kind: 'delayAfterWork',
      ms: 300,
    });
    const { body } = await running.api('POST', `${connectionPath('middle')}/connect`);
    const consent = giveConsent(body.authorizeUrl, 'middle');
    await waitFor(() => remote('middle') === 1);
    expect((await disconnect('middle')).body).toMatchObject({
      debts: [],
      connection: { state: 'disconnected', substate: 'idle' },
    });
    expect((await consent).status).toBe(200);
    expect(remote('middle')).toBe(0);
    expect(await secretsOf('middle')).toEqual([]);
  });
});

describe('erasing a tenant', () => {
  test('DELETE of a tenant erases every trace, and a second one says the same', async () => {
    const tenantId = 'erased-without-a-trace';
    await connectNew(tenantId);
    running.sandbox.controls.book({ account: tenantId, name: 'Gina Guest', email: 'gina@erased.example' });
    await waitFor(async () => (await running.api('GET', `/v1/tenants/${tenantId}/meetings`)).body.items.length === 1);
    expect(await searchDatabase(running.database.db, [tenantId, 'gina@erased.example'])).not.toEqual([]);
    for (let round = 0; round < 2; round++) {
      expect(await running.api('DELETE', `/v1/tenants/${tenantId}`)).toMatchObject({
        status: 200,
        body: { debts: [], connection: { tenantId, state: 'disconnected', substate: 'idle' } },
      });
      expect(await searchDatabase(running.database.db, ['gina@erased.example'])).toEqual([]);
      // Who asked for it is kept, or nobody could ever tell.
      expect(await searchDatabase(running.database.db, [tenantId])).toEqual([`public.audit: ${tenantId}`]);
    }
    expect((await running.api('GET', connectionPath(tenantId))).status).toBe(404);
    expect(remote(tenantId)).toBe(0);
  });

  test('a call that outlives its tenant leaves no trace of it', async () => {
    const tenantId = 'outlived';
    running.sandbox.controls.accounts.add({ slug: tenantId, name: 'Outlived' });
    running.sandbox.controls.faults.add({ path: '/scheduled_events', kind: 'delay', ms: 400 });
    await connectTenant(running, tenantId, tenantId);
    await running.api('DELETE', `/v1/tenants/${tenantId}`);
    const left = () =>
      running.sandbox.controls.calls().some(({ path, status }) => path === '/scheduled_events' && status === null);
    await waitFor(() => !left());
    await waitFor(() =>
      running.logged.some((line) => line.includes('"path":"/scheduled_events"') && line.includes(tenantId)),
    );
    await waitFor(
      async () => (await searchDatabase(running.database.db, [tenantId])).join() === `public.audit: ${tenantId}`,
    );
  });

  test('with debts the erasure waits for them; connecting again takes it back', async () => {
    await connectNew('returns');
    running.sandbox.controls.faults.add({
      method: 'DELETE',
      path: '/webhook_subscriptions/:uuid',
      kind: 'respond',
      status: 503,
      times: 'forever',
    });
    expect((await running.api('DELETE', '/v1/tenants/returns')).body).toMatchObject({
      connection: { state: 'disconnected', substate: 'settling' },
    });
    expect((await view('returns')).debts).toHaveLength(2);
    running.sandbox.controls.faults.clear();
    await connectTenant(running, 'returns', 'returns');
    await waitFor(async () => (await view('returns')).debts.length === 0);
    expect(remote('returns')).toBe(1);
    expect((await disconnect('returns')).body).toMatchObject({ debts: [], connection: { substate: 'idle' } });
    await running.api('DELETE', '/v1/tenants/nobody');
    expect((await view('returns')).state).toBe('disconnected');
  });
});
