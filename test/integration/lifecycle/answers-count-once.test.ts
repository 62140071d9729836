import { sql } from 'kysely';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { MACHINE_VERSION } from '../../../machines/connection/index.ts';
import { connectionPath, connectTenant } from '../../support/service/connect-tenant.ts';
import { giveConsent } from '../../support/calendly/give-consent.ts';
import { makeJobsDue, makeTimerDue } from '../../support/service/make-timer-due.ts';
import { replayHistory } from '../../support/world/replay-history.ts';
import { startTestService, type Answer, type TestService } from '../../support/service/start-test-service.ts';
import { waitFor } from '../../support/service/wait-for.ts';

let running: TestService;
beforeAll(async () => {
  running = await startTestService({
    env: { REFRESH_RECENT_SECONDS: '0' },
    sandbox: { switches: { tokenRateLimit: null } },
  });
});
afterEach(async () => {
  running.sandbox.controls.faults.clear();
  expect(await replayHistory(running.database.db)).toEqual([]);
});
afterAll(() => running.stop());

const view = async (tenantId: string): Promise<Answer['body']> =>
  (await running.api('GET', connectionPath(tenantId))).body;
const connect = (tenantId: string) =>
  running.api('POST', `${connectionPath(tenantId)}/connect`, { body: {}, headers: { prefer: 'respond-async' } });
const struck = (path: string) =>
  running.sandbox.controls.calls().some((call) => call.path === path && call.fault !== null);
const account = (slug: string) => running.sandbox.controls.accounts.add({ slug, name: `Owner of ${slug}` });

test('an answer to an erased tenant decides nothing in its next life', async () => {
  account('first-life');
  account('second-life');
  const { db } = running.database;
  const begin = async (slug: string, answerAfterMs: number) => {
    running.sandbox.controls.faults.add({
      method: 'GET',
      path: '/users/me',
      kind: 'delayAfterWork',
      ms: answerAfterMs,
    });
    const { body } = await connect('reborn');
    void giveConsent(body.authorizeUrl, slug);
    await waitFor(() =>
      running.sandbox.controls.calls().some((call) => call.account === slug && call.path === '/users/me'),
    );
  };
  const identifications = () =>
    db
      .selectFrom('effect')
      .select(['id', 'params'])
      .where('tenant_id', '=', 'reborn')
      .where('type', '=', 'identifyAccount')
      .execute();
  await begin('first-life', 4_000);
  const [former] = await identifications();
  await running.api('DELETE', '/v1/tenants/reborn');
  await waitFor(
    async () => {
      await running.api('DELETE', '/v1/tenants/reborn');
      return (await running.api('GET', connectionPath('reborn'))).status === 404;
    },
    { describe: 'the erasure' },
  );

  // Its next life asks the same question in the same generation, and waits for the answer when that to the first one comes.
  await begin('second-life', 7_000);
  const [present] = await identifications();
  expect(present!.params).toMatchObject({ generation: (former!.params as { generation: number }).generation });
  await waitFor(() => running.logged.some((line) => line.includes(former!.id)), {
    timeoutMs: 10_000,
    describe: 'the late answer',
  });
  await waitFor(async () => (await view('reborn')).state === 'connected', { timeoutMs: 15_000 });
  expect(await view('reborn')).toMatchObject({ account: { name: 'Owner of second-life' } });
  const told = await db
    .selectFrom('history')
    .select('id')
    .where('tenant_id', '=', 'reborn')
    .where(sql<boolean>`cause->>'effectId' = ${former!.id}`)
    .execute();
  expect(told).toEqual([]);
});

describe('a webhook that Calendly will not delete', () => {
  test('is tried four times; then it is said, the tokens are revoked, and the tenant can be erased', async () => {
    account('forbidden');
    await connectTenant(running, 'forbidden', 'forbidden');
    running.sandbox.controls.faults.add({
      method: 'DELETE',
      path: '/webhook_subscriptions/:uuid',
      kind: 'respond',
      status: 403,
      times: 'forever',
      body: { title: 'Permission Denied', message: 'You do not have permission to access this resource.' },
    });
    await running.api('DELETE', '/v1/tenants/forbidden');
    const { uri } = running.sandbox.controls.subscriptions({ account: 'forbidden' })[0]!;
    const debt = async () =>
      (await view('forbidden')).debts?.find(({ kind }: { kind: string }) => kind === 'subscription');
    for (let attempts = 1; attempts < 4; attempts++) {
      await waitFor(async () => (await debt()).attempts === attempts);
      expect(running.sandbox.controls.tokens('forbidden').liveRefreshTokens).toBe(1);
      const { name } = await running.database.db
        .selectFrom('timer')
        .select('name')
        .where('tenant_id', '=', 'forbidden')
        .executeTakeFirstOrThrow();
      await makeTimerDue(running.database, 'forbidden', name);
    }
    const told = await waitFor(
      async () => {
        const { items } = (await running.api('GET', '/v1/events?tenantId=forbidden&types=connection.warning&limit=100'))
          .body;
        return items.find(({ data }: Answer['body']) => data.code === 'debt_blocked');
      },
      { describe: 'the host to be told' },
    );
    expect(told.data.details.problem).toMatchObject({
      code: 'not_permitted',
      message: expect.stringContaining('owner or admin'),
    });
    await waitFor(() => running.sandbox.controls.tokens('forbidden').liveRefreshTokens === 0, {
      describe: 'the tokens to be revoked',
    });
    expect(running.sandbox.controls.subscriptions({ account: 'forbidden' })).toMatchObject([{ uri }]);
    await running.api('DELETE', '/v1/tenants/forbidden');
    await waitFor(async () => (await running.api('GET', connectionPath('forbidden'))).status === 404, {
      describe: 'the erasure',
    });
  });
});

describe('secrets that none of ENCRYPTION_KEYS opens', () => {
  const spoil = (tenantId: string, purpose?: string) =>
    running.database.db
      .updateTable('credential')
      .set({ key_id: 'lost-key' })
      .where('tenant_id', '=', tenantId)
      .$if(purpose !== undefined, (query) => query.where('purpose', '=', purpose!))
      .execute();
  const restore = (tenantId: string) =>
    running.database.db
      .updateTable('credential')
      .set({ key_id: 'k1' })
      .where('tenant_id', '=', tenantId)
      .where('key_id', '=', 'lost-key')
      .execute();
  const settled = async (tenantId: string) =>
    waitFor(
      async () =>
        (
          await running.database.db
            .selectFrom('effect')
            .select('type')
            .where('tenant_id', '=', tenantId)
            .where('answered_at', 'is', null)
            .execute()
        ).length === 0,
      { describe: 'no effect without an answer' },
    );

  test('of a connection are said, and it goes on when the key is back', async () => {
    account('sealed');
    await connectTenant(running, 'sealed', 'sealed');
    await spoil('sealed');
    await makeTimerDue(running.database, 'sealed', 'refresh');
    await waitFor(async () => (await view('sealed')).state === 'error');
    await settled('sealed');
    expect(await view('sealed')).toMatchObject({
      substate: 'needsAttention',
      lastError: { code: 'credential_unreadable', message: expect.stringContaining('ENCRYPTION_KEYS') },
    });
    expect((await running.api('GET', '/v1/tenants/sealed/access-token')).status).not.toBe(500);
    await restore('sealed');
    await makeTimerDue(running.database, 'sealed', 'recheck');
    await waitFor(async () => (await view('sealed')).state === 'connected');
  });

  test('do not stand in the way of a new consent', async () => {
    account('sealed-anew');
    await connectTenant(running, 'sealed-anew', 'sealed-anew');
    await spoil('sealed-anew');
    await makeTimerDue(running.database, 'sealed-anew', 'refresh');
    await waitFor(async () => (await view('sealed-anew')).state === 'error');
    await connectTenant(running, 'sealed-anew', 'sealed-anew');
    expect(running.sandbox.controls.subscriptions({ account: 'sealed-anew' })).toHaveLength(1);
    await settled('sealed-anew');
  });

  test('of a tenant who disconnects are said as what is left to do', async () => {
    account('sealed-away');
    await connectTenant(running, 'sealed-away', 'sealed-away');
    await settled('sealed-away');
    await spoil('sealed-away');
    const { body } = await running.api('DELETE', connectionPath('sealed-away'));
    expect(body.connection).toMatchObject({ state: 'disconnected', substate: 'idle' });
    expect(body.debts).toMatchObject([
      { kind: 'subscription', lastError: { code: 'credential_unreadable' } },
      { kind: 'grant', lastError: { code: 'credential_unreadable' } },
    ]);
    await settled('sealed-away');
    await restore('sealed-away');
    await running.api('POST', `${connectionPath('sealed-away')}/retry`);
    await waitFor(async () => (await view('sealed-away')).debts.length === 0);
    expect(running.sandbox.controls.subscriptions({ account: 'sealed-away' })).toEqual([]);
  });

  test('of a webhook make it be replaced at the next look', async () => {
    account('sealed-key');
    const before = await connectTenant(running, 'sealed-key', 'sealed-key');
    await spoil('sealed-key', 'signing_key');
    await makeTimerDue(running.database, 'sealed-key', 'watch');
    await waitFor(
      async () =>
        (await view('sealed-key')).subscription?.uri !== before.subscription.uri &&
        (await view('sealed-key')).state === 'connected',
    );
    await waitFor(() => running.sandbox.controls.subscriptions({ account: 'sealed-key' }).length === 1);
    running.sandbox.controls.book({ account: 'sealed-key', name: 'Gina Guest', email: 'gina@guest.example' });
    await waitFor(async () => (await running.api('GET', '/v1/tenants/sealed-key/meetings')).body.items.length === 1);
  });
});

test('tokens that come while a newer machine has the tenant are kept, and told when it can be read again', async () => {
  account('upgraded');
  await connectTenant(running, 'upgraded', 'upgraded');
  const { db } = running.database;
  running.sandbox.controls.faults.add({ method: 'POST', path: '/oauth/token', kind: 'delayAfterWork', ms: 1_000 });
  await connect('upgraded');
  await waitFor(() => struck('/oauth/token'));
  await db
    .updateTable('connection')
    .set({ machine_version: MACHINE_VERSION + 1 })
    .where('tenant_id', '=', 'upgraded')
    .execute();
  await waitFor(
    async () =>
      (
        await db
          .selectFrom('effect')
          .select('deferred')
          .where('tenant_id', '=', 'upgraded')
          .where('deferred', 'is not', null)
          .execute()
      ).length === 1,
    { describe: 'the tokens to be stored' },
  );
  const pairs = running.sandbox.controls.tokens('upgraded').pairs;
  expect(pairs).toHaveLength(2);
  // Others go on meanwhile: whom one row cannot be read for is its own tenant.
  expect((await running.api('GET', connectionPath('upgraded'))).status).toBe(503);
  await db
    .updateTable('connection')
    .set({ machine_version: MACHINE_VERSION })
    .where('tenant_id', '=', 'upgraded')
    .execute();
  await makeJobsDue(running.database);
  await waitFor(async () => (await view('upgraded')).state === 'connected', { timeoutMs: 10_000 });
  expect((await view('upgraded')).lastError).toBeNull();
  expect(running.sandbox.controls.tokens('upgraded').pairs).toHaveLength(2);
});
