import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { sql } from 'kysely';
import { connectionPath, connectTenant } from '../../support/service/connect-tenant.ts';
import { makeTimerDue } from '../../support/service/make-timer-due.ts';
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
const tokenCalls = () => running.sandbox.controls.calls().filter(({ path }) => path === '/oauth/token').length;
const tokenEndpoint = (fault: object) =>
  running.sandbox.controls.faults.add({ method: 'POST', path: '/oauth/token', kind: 'respond', ...fault } as Parameters<
    typeof running.sandbox.controls.faults.add
  >[0]);
const connected = async (slug: string): Promise<void> => {
  running.sandbox.controls.accounts.add({ slug, name: `Owner of ${slug}` });
  await connectTenant(running, slug, slug);
};
/** The stored access token has ended; Calendly would say the same. */
const endAccessToken = (tenantId: string) =>
  running.database.db
    .updateTable('oauth_grant')
    .set({ expires_at: new Date(Date.now() - 1_000), refreshed_at: new Date(Date.now() - 7_201_000) })
    .where('tenant_id', '=', tenantId)
    .execute();
const contextOf = async (tenantId: string) =>
  (
    await running.database.db
      .selectFrom('connection')
      .select(sql<Record<string, unknown>>`snapshot->'context'`.as('context'))
      .where('tenant_id', '=', tenantId)
      .executeTakeFirstOrThrow()
  ).context;
const answered = async (tenantId: string) =>
  waitFor(
    async () =>
      (
        await running.database.db
          .selectFrom('effect')
          .select('id')
          .where('tenant_id', '=', tenantId)
          .where('answered_at', 'is', null)
          .execute()
      ).length === 0,
    { describe: 'every effect to be answered' },
  );

describe('a refresh that is refused for another reason than the grant', () => {
  test.each([403, 400])('%s costs a connected tenant nothing while its access token lives', async (status) => {
    const slug = `refused-${status}`;
    await connected(slug);
    tokenEndpoint({ status, body: { error: 'access_denied' } });
    const before = tokenCalls();
    await makeTimerDue(running.database, slug, 'refresh');
    await waitFor(() => tokenCalls() === before + 1);
    await answered(slug);
    expect(await view(slug)).toMatchObject({ state: 'connected', substate: 'webhooks', lastError: null });
    expect(await contextOf(slug)).toMatchObject({ refreshFailures: 1 });
    await makeTimerDue(running.database, slug, 'refresh');
    await waitFor(async () => (await contextOf(slug))['refreshFailures'] === 0, {
      describe: 'the next refresh to succeed',
    });
    expect(await view(slug)).toMatchObject({ state: 'connected' });
  });

  test('ends the error as soon as anybody brings new tokens', async () => {
    await connected('ends-the-error');
    tokenEndpoint({ status: 401, body: { error: 'invalid_client' }, times: 'forever' });
    const asked = await running.api('POST', `${connectionPath('ends-the-error')}/connect`, { body: {} });
    expect(asked.body.connection).toMatchObject({
      state: 'error',
      substate: 'needsAttention',
      lastError: { code: 'client_rejected' },
    });
    running.sandbox.controls.faults.clear();
    await endAccessToken('ends-the-error');
    // The pause of a reader of tokens after the refusal, which is a second, is over.
    await running.database.db
      .updateTable('oauth_grant')
      .set({ refresh_failed_at: new Date(0) })
      .where('tenant_id', '=', 'ends-the-error')
      .execute();
    expect((await running.api('GET', '/v1/tenants/ends-the-error/access-token')).status).toBe(200);
    await waitFor(async () => (await view('ends-the-error')).state === 'connected', { describe: 'the error to end' });
  });
});

describe('a reader of tokens', () => {
  test('that asks again and again costs Calendly one call while it asks to wait', async () => {
    await connected('reader');
    await endAccessToken('reader');
    tokenEndpoint({ status: 429, headers: { 'retry-after': '30' }, times: 'forever' });
    const before = tokenCalls();
    const read = () => running.api('GET', '/v1/tenants/reader/access-token');
    expect((await read()).status).toBe(503);
    for (let round = 0; round < 8; round++) {
      const { status, headers, body } = await read();
      expect({ status, code: body.code }).toEqual({ status: 503, code: 'token_unavailable' });
      expect(Number(headers.get('retry-after'))).toBeGreaterThan(20);
    }
    // Neither does a person's click, nor another caller of the same grant.
    await running.api('POST', `${connectionPath('reader')}/connect`, { body: {} });
    await answered('reader');
    expect(tokenCalls()).toBe(before + 1);
  });
});

describe('a debt that needs the current grant', () => {
  test('says so when it finds the grant lost: the connection does not stay connected', async () => {
    await connected('finder');
    const { controls } = running.sandbox;
    controls.disableSubscription((await view('finder')).subscription.uri);
    controls.faults.add({
      method: 'DELETE',
      path: '/webhook_subscriptions/:uuid',
      kind: 'respond',
      status: 503,
      times: 'forever',
    });
    await running.api('POST', `${connectionPath('finder')}/resync`);
    await waitFor(async () => (await view('finder')).debts[0]?.attempts === 1);
    await answered('finder');
    expect(await view('finder')).toMatchObject({ state: 'connected', substate: 'webhooks' });

    controls.accounts.revokeLogin('finder');
    await endAccessToken('finder');
    await makeTimerDue(running.database, 'finder', await debtTimer('finder'));
    await waitFor(async () => (await view('finder')).state === 'error', { describe: 'the connection to hear of it' });
    expect(await view('finder')).toMatchObject({
      substate: 'needsReauthorization',
      lastError: { code: 'invalid_grant' },
    });
    expect((await running.api('GET', '/v1/tenants/finder/access-token')).status).toBe(409);
  });
});

const debtTimer = async (tenantId: string): Promise<string> =>
  (
    await running.database.db
      .selectFrom('timer')
      .select('name')
      .where('tenant_id', '=', tenantId)
      .where('name', 'like', 'debt:%')
      .executeTakeFirstOrThrow()
  ).name;
