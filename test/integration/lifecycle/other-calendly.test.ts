import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { connectionPath } from '../../support/service/connect-tenant.ts';
import { startOtherCalendly, type OtherCalendly } from '../../support/calendly/other-calendly.ts';
import { replayHistory } from '../../support/world/replay-history.ts';
import { CLIENT, startTestService, type Answer, type TestService } from '../../support/service/start-test-service.ts';
import { waitForBackfill } from '../../support/service/wait-for-backfill.ts';
import { waitFor } from '../../support/service/wait-for.ts';

let calendly: OtherCalendly;
let running: TestService;
beforeAll(async () => {
  calendly = await startOtherCalendly(CLIENT);
  running = await startTestService({
    env: {
      CALENDLY_AUTH_BASE_URL: calendly.url,
      CALENDLY_API_BASE_URL: `${calendly.url}/`,
      REFRESH_RECENT_SECONDS: '0',
    },
  });
});
afterAll(async () => {
  await running.stop();
  await calendly.close();
});

const connect = (tenantId: string, body: object = {}) =>
  running.api('POST', `${connectionPath(tenantId)}/connect`, { body });
const view = async (tenantId: string): Promise<Answer['body']> =>
  (await running.api('GET', connectionPath(tenantId))).body;
const consent = async (url: string, person: string) => (await fetch(calendly.consent(url, person))).status;
const meetings = async (tenantId: string): Promise<Answer['body'][]> =>
  (await running.api('GET', `/v1/tenants/${tenantId}/meetings`)).body.items;

describe('connecting and reconnecting', () => {
  test('with a Calendly by another hand the first connection works', async () => {
    await consent((await connect('acme')).body.authorizeUrl, 'ada');
    expect(await view('acme')).toMatchObject({
      state: 'connected',
      substate: 'webhooks',
      account: { name: 'ada', email: 'ada@other.test' },
      token: { scope: 'default' },
      debts: [],
      lastError: null,
    });
    expect(calendly.hooks).toHaveLength(1);
    await waitForBackfill(running, 'acme');
    await calendly.book('ada', 'gina');
    expect(await waitFor(async () => (await meetings('acme'))[0])).toMatchObject({
      name: 'gina',
      status: 'active',
      source: 'webhook',
      timezone: 'Mars/Olympus',
    });
  });

  test('ten reconnects need no browser, refresh each time with a token of its own, and leave one webhook', async () => {
    // More than a page of hooks of others lies before ours.
    for (let other = 0; other < 7; other++)
      calendly.hooks.unshift({
        id: `OTHER${other}`,
        owner: 'ada',
        url: `https://other.test/${other}`,
        events: [],
        key: 'k',
        state: 'active',
      });
    for (let round = 0; round < 10; round++)
      expect((await connect('acme')).body).toMatchObject({ authorizeUrl: null, connection: { state: 'connected' } });
    expect(calendly.hooks.filter(({ url }) => url.startsWith(running.url))).toHaveLength(1);
    expect(calendly.tokenCalls).toEqual(['authorization_code ok', ...Array(10).fill('refresh_token ok')]);
  });
});

describe('accounts and meetings', () => {
  test("a switch deletes the first one's webhook, gives its tokens back and shows only the second one's meetings", async () => {
    await consent((await connect('acme', { switchAccount: true })).body.authorizeUrl, 'bert');
    await waitFor(async () => (await view('acme')).debts.length === 0);
    expect(await view('acme')).toMatchObject({ state: 'connected', account: { name: 'bert' } });
    expect(calendly.hooks.filter(({ url }) => url.startsWith(running.url)).map(({ owner }) => owner)).toEqual(['bert']);
    expect(calendly.liveRefreshTokens()).toBe(1);
    await waitForBackfill(running, 'acme');
    await calendly.book('ada', 'never');
    await calendly.book('bert', 'hugo');
    await waitFor(async () => (await meetings('acme')).length > 0);
    expect((await meetings('acme')).map(({ name }) => name)).toEqual(['hugo']);
  });

  test('a booking that no delivery brought is back-filled over many pages', async () => {
    const hooks = calendly.hooks.splice(0);
    for (let guest = 0; guest < 8; guest++) await calendly.book('bert', `missed${guest}`);
    calendly.hooks.push(...hooks);
    await running.api('POST', `${connectionPath('acme')}/resync`);
    expect(
      (await waitFor(async () => ((await meetings('acme')).length === 9 ? meetings('acme') : null)))
        .map(({ source }) => source)
        .sort(),
    ).toEqual([...Array(8).fill('backfill'), 'webhook']);
  });
});

describe('a refused refresh, and a disconnect', () => {
  test('a refused refresh, a 401 with a challenge, asks for consent in the same request', async () => {
    calendly.revokeAll();
    const { status, body } = await connect('acme');
    expect({ status, body }).toMatchObject({
      status: 200,
      body: {
        authorizeUrl: expect.stringContaining(calendly.url),
        connection: { state: 'authorizing', account: { name: 'bert' } },
      },
    });
    await consent(body.authorizeUrl, 'bert');
    expect(await view('acme')).toMatchObject({ state: 'connected', account: { name: 'bert' } });
    expect(calendly.hooks.filter(({ url }) => url.startsWith(running.url))).toHaveLength(1);
  });

  test('a disconnect deletes the webhook, answered with 200, and revokes the tokens', async () => {
    expect((await running.api('DELETE', connectionPath('acme'))).body).toMatchObject({
      debts: [],
      connection: { state: 'disconnected', substate: 'idle' },
    });
    expect(calendly.hooks.filter(({ url }) => url.startsWith(running.url))).toEqual([]);
    expect(calendly.liveRefreshTokens()).toBe(0);
    expect(await replayHistory(running.database.db)).toEqual([]);
  });
});
