import { afterAll, beforeAll, expect, test } from 'vitest';
import { giveConsent } from '../../support/calendly/give-consent.ts';
import { startTestService, type TestService } from '../../support/service/start-test-service.ts';
import { waitForBackfill } from '../../support/service/wait-for-backfill.ts';
import { waitFor } from '../../support/service/wait-for.ts';

let running: TestService;
beforeAll(async () => {
  running = await startTestService();
});
afterAll(() => running.stop());

const tenant = '/v1/tenants/acme';

test('a first connection asks for consent once, creates one webhook and shows a booked meeting', async () => {
  const { api, sandbox } = running;
  const asked = await api('POST', `${tenant}/connection/connect`);
  expect(asked.status).toBe(200);
  expect(asked.body.connection).toMatchObject({ state: 'authorizing', substate: 'awaitingConsent' });
  const page = await giveConsent(asked.body.authorizeUrl, 'alice');
  expect(page.status).toBe(200);
  expect(await page.text()).toContain('Calendly is connected');

  const { body: connection } = await api('GET', `${tenant}/connection`);
  expect(connection).toMatchObject({
    state: 'connected',
    substate: 'webhooks',
    delivery: 'webhooks',
    lastError: null,
    debts: [],
  });
  expect(sandbox.controls.subscriptions({ account: 'alice' })).toHaveLength(1);

  await waitForBackfill(running, 'acme');
  sandbox.controls.book({ account: 'alice', name: 'Gina Guest', email: 'gina@guest.example' });
  const meeting = await waitFor(async () => (await api('GET', `${tenant}/meetings`)).body.items[0], {
    describe: 'the meeting',
  });
  expect(meeting).toMatchObject({
    name: 'Gina Guest',
    email: 'gina@guest.example',
    status: 'active',
    source: 'webhook',
  });
});

test('ten reconnects with the same account need no browser and leave exactly one webhook', async () => {
  const { api, sandbox } = running;
  for (let round = 0; round < 10; round++) {
    const { status, body } = await api('POST', `${tenant}/connection/connect`);
    expect({ status, url: body.authorizeUrl, state: body.connection.state }).toEqual({
      status: 200,
      url: null,
      state: 'connected',
    });
  }
  expect(sandbox.controls.subscriptions({ account: 'alice' })).toHaveLength(1);
});

test("a switch to another account deletes the first one's webhook and shows only the second one's meetings", async () => {
  const { api, sandbox } = running;
  const asked = await api('POST', `${tenant}/connection/connect`, { body: { switchAccount: true } });
  await giveConsent(asked.body.authorizeUrl, 'bob');
  await waitFor(async () => (await api('GET', `${tenant}/connection`)).body.debts.length === 0, {
    describe: 'no debts',
  });
  expect((await api('GET', `${tenant}/connection`)).body).toMatchObject({
    state: 'connected',
    account: { email: expect.stringContaining('bob') },
  });
  expect(sandbox.controls.subscriptions({ account: 'alice' })).toHaveLength(0);
  expect(sandbox.controls.subscriptions({ account: 'bob' })).toHaveLength(1);
  expect((await api('GET', `${tenant}/meetings`)).body.items).toEqual([]);
});

test('a disconnect deletes the webhook, revokes every token, those that a refresh replaced too, and wipes them', async () => {
  const { api, sandbox, database } = running;
  await api('POST', `${tenant}/connection/refresh`);
  await waitFor(
    async () =>
      sandbox.controls.tokens('bob').liveAccessTokens === 2 &&
      (await api('GET', `${tenant}/connection`)).body.state === 'connected',
    { describe: 'a second access token' },
  );
  const { status, body } = await api('DELETE', `${tenant}/connection`);
  expect(status).toBe(200);
  expect(body.debts).toEqual([]);
  expect(body.connection).toMatchObject({ state: 'disconnected', substate: 'idle', account: null });
  expect(sandbox.controls.subscriptions({ account: 'bob' })).toHaveLength(0);
  expect(sandbox.controls.tokens('bob')).toMatchObject({ liveAccessTokens: 0, liveRefreshTokens: 0 });
  expect(
    await database.db
      .selectFrom('credential')
      .selectAll()
      .where('purpose', 'in', ['access_token', 'refresh_token'])
      .execute(),
  ).toEqual([]);
});
