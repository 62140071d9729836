import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { checkInvariants } from '../support/world/check-invariants.ts';
import { giveConsent } from '../support/calendly/give-consent.ts';
import { startWorld, type TestWorld } from '../support/world/start-world.ts';
import { waitFor } from '../support/service/wait-for.ts';
import { connectionOf, connectInWorld } from './journeys.ts';

const MINUTE = 60_000;
const CALLERS = 1_000;

let world: TestWorld;
beforeAll(async () => {
  world = await startWorld({ instances: 2 });
});
afterEach(() => world.mend());
afterAll(() => world.stop());

let count = 0;
async function newTenant(): Promise<string> {
  const name = `pair-${++count}`;
  world.sandbox.controls.accounts.add({ slug: name, name });
  await connectInWorld(world, name, name);
  return name;
}

const either = (at: number) => world.instances[at % 2]!;
const tokenCalls = (account: string) =>
  world.sandbox.controls
    .calls()
    .filter((call) => call.path === '/oauth/token' && call.account === account && call.grantType === 'refresh_token');
const pairsOf = (account: string) => world.sandbox.controls.tokens(account).pairs;

describe('tokens from two instances', () => {
  test.each([0.1, 5, 11, 35])(
    `${CALLERS} callers over both instances cost one token call that takes %d s`,
    async (seconds) => {
      const tenant = await newTenant();
      await world.database.db
        .updateTable('oauth_grant')
        .set({ expires_at: new Date(0) })
        .where('tenant_id', '=', tenant)
        .execute();
      world.sandbox.controls.faults.add({
        method: 'POST',
        path: '/oauth/token',
        kind: 'delayAfterWork',
        ms: seconds * 1000,
      });
      const answers = await Promise.all(
        Array.from({ length: CALLERS }, (_, at) =>
          either(at).api('GET', `/v1/tenants/${tenant}/access-token`, { headers: { prefer: 'wait=60' } }),
        ),
      );

      expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
      expect(new Set(answers.map(({ body }) => body.accessToken)).size).toBe(1);
      expect(tokenCalls(tenant)).toHaveLength(1);
      expect(pairsOf(tenant).flatMap(({ presentations }) => presentations)).toHaveLength(1);
      await world.settle();
      expect(await checkInvariants(world, [tenant], [tenant])).toEqual({ lostPairs: 0, secondPresentations: 0 });
      // Whoever only waits leaves no trace: the history is not for counting callers.
      const notes = await world.database.db
        .selectFrom('history')
        .select('id')
        .where('tenant_id', '=', tenant)
        .where('kind', '=', 'note')
        .execute();
      expect(notes.length).toBeLessThan(CALLERS / 10);
    },
  );
});

describe('connects at two instances', () => {
  test('a first consent asked for at both at once: one attempt counts, and its consent connects', async () => {
    const name = `pair-${++count}`;
    world.sandbox.controls.accounts.add({ slug: name, name });
    const asked = await Promise.all([0, 1, 2, 3].map((at) => either(at).api('POST', `${connectionOf(name)}/connect`)));
    const endings = [];
    for (const { body } of asked) endings.push((await giveConsent(body.authorizeUrl, name)).status);
    expect(endings.toSorted()).toEqual([200, 400, 400, 400]);
    await world.settle();
    expect((await world.contextOf(name)).state).toBe('connected.webhooks');
    expect(await checkInvariants(world, [name], [name])).toEqual({ lostPairs: 0, secondPresentations: 0 });
  });

  test('a reconnect asked for twenty times at both costs one token call and leaves one webhook', async () => {
    const tenant = await newTenant();
    await world.advance(10 * MINUTE);
    const answers = await Promise.all(
      Array.from({ length: 20 }, (_, at) => either(at).api('POST', `${connectionOf(tenant)}/connect`)),
    );
    expect(answers.map(({ status, body }) => [status, body.authorizeUrl])).toEqual(answers.map(() => [200, null]));
    expect(tokenCalls(tenant)).toHaveLength(1);
    await world.settle();
    expect((await world.contextOf(tenant)).state).toBe('connected.webhooks');
    expect(await checkInvariants(world, [tenant], [tenant])).toEqual({ lostPairs: 0, secondPresentations: 0 });
  });
});

describe('disconnects at two instances', () => {
  test('a disconnect at one while the other holds a refresh: local at once, and what the refresh brings is revoked', async () => {
    const tenant = await newTenant();
    const fault = world.sandbox.controls.faults.add({
      method: 'POST',
      path: '/oauth/token',
      kind: 'delayAfterWork',
      ms: 2000,
    });
    await either(0).api('POST', `${connectionOf(tenant)}/refresh`);
    await waitFor(
      () => world.sandbox.controls.calls().some((call) => call.fault === fault) && pairsOf(tenant).length === 2,
    );
    const { body } = await either(1).api('DELETE', connectionOf(tenant), { headers: { prefer: 'respond-async' } });
    expect(body.connection.state).toBe('disconnected');
    await world.settle();
    expect((await world.contextOf(tenant)).state).toBe('disconnected.idle');
    expect(await checkInvariants(world, [tenant], [tenant])).toEqual({ lostPairs: 0, secondPresentations: 0 });
    expect(world.sandbox.controls.tokens(tenant).liveRefreshTokens).toBe(0);
  });

  test('a disconnect against a refresh, at the same instant, time and again: nothing is left at Calendly', async () => {
    for (let round = 0; round < 8; round++) {
      const tenant = await newTenant();
      await Promise.all([
        either(round).api('POST', `${connectionOf(tenant)}/refresh`),
        either(round).api('GET', `/v1/tenants/${tenant}/access-token`),
        either(round + 1).api('DELETE', connectionOf(tenant)),
      ]);
      await world.settle({ tenants: [tenant] });
      expect((await world.contextOf(tenant)).state).toBe('disconnected.idle');
      expect(await checkInvariants(world, [tenant], [tenant])).toEqual({ lostPairs: 0, secondPresentations: 0 });
      expect(world.sandbox.controls.tokens(tenant).liveRefreshTokens).toBe(0);
    }
  });

  test('connect, disconnect and refresh from both at once end in one of the two ways, with nothing left over', async () => {
    const tenant = await newTenant();
    const commands = ['connect', 'refresh', 'resync', 'retry'];
    await Promise.all(
      Array.from({ length: 24 }, (_, at) =>
        at % 6 === 5
          ? either(at).api('DELETE', connectionOf(tenant))
          : either(at).api('POST', `${connectionOf(tenant)}/${commands[at % 4]}`),
      ),
    );
    await world.settle();
    expect((await world.contextOf(tenant)).state).toMatch(/^(disconnected\.idle|authorizing\.awaitingConsent)$/);
    expect(await checkInvariants(world, [tenant], [tenant])).toEqual({ lostPairs: 0, secondPresentations: 0 });
    expect(world.sandbox.controls.subscriptions({ account: tenant })).toEqual([]);
    expect(world.sandbox.controls.tokens(tenant).liveRefreshTokens).toBe(0);
  });
});
