import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { connectionPath, connectTenant } from '../../support/service/connect-tenant.ts';
import { giveConsent } from '../../support/calendly/give-consent.ts';
import { makeTimerDue } from '../../support/service/make-timer-due.ts';
import { replayHistory } from '../../support/world/replay-history.ts';
import { startTestService, type Answer, type TestService } from '../../support/service/start-test-service.ts';
import { waitFor } from '../../support/service/wait-for.ts';

const EVENTS = ['invitee.created', 'invitee.canceled', 'invitee_no_show.created', 'invitee_no_show.deleted'];
let running: TestService;
beforeAll(async () => {
  running = await startTestService({ sandbox: { switches: { tokenRateLimit: null, apiRateLimit: null } } });
});
afterEach(async () => {
  running.sandbox.controls.faults.clear();
  running.sandbox.controls.switches.set({ conflictKey: 'url' });
  expect(await replayHistory(running.database.db)).toEqual([]);
});
afterAll(() => running.stop());

const view = async (tenantId: string): Promise<Answer['body']> =>
  (await running.api('GET', connectionPath(tenantId))).body;
const connect = (tenantId: string) => running.api('POST', `${connectionPath(tenantId)}/connect`);
const remote = (account: string) => running.sandbox.controls.subscriptions({ account });
const ours = (account: string) => remote(account).filter(({ callback_url: url }) => url.startsWith(running.url));
const foreign = (account: string, url: string, events = EVENTS) =>
  running.sandbox.controls.createSubscription({ account, url, events });
const account = (slug: string, more: object = {}) =>
  running.sandbox.controls.accounts.add({ slug, name: `Owner of ${slug}`, ...more });
const isReallyOurs = async (tenantId: string, slug: string) => {
  expect(ours(slug).map(({ uri, state }) => ({ uri, state }))).toEqual([
    { uri: (await view(tenantId)).subscription.uri, state: 'active' },
  ]);
};

describe('a 409 at a create', () => {
  test.each(['url', 'url+scope', 'user+scope+events'] as const)(
    'with 409 by %s, reconnects keep the one webhook',
    async (conflictKey) => {
      const slug = `keeps-${conflictKey.replaceAll('+', '-')}`;
      running.sandbox.controls.switches.set({ conflictKey });
      account(slug);
      await connectTenant(running, slug, slug);
      for (let round = 0; round < 3; round++)
        expect((await connect(slug)).body).toMatchObject({
          authorizeUrl: null,
          connection: { state: 'connected', debts: [] },
        });
      await isReallyOurs(slug, slug);
    },
  );

  test.each(['url', 'url+scope', 'user+scope+events'] as const)(
    'with 409 by %s, a disabled webhook is replaced by a live one on reconnect',
    async (conflictKey) => {
      const slug = `disabled-${conflictKey.replaceAll('+', '-')}`;
      account(slug);
      running.sandbox.controls.switches.set({ conflictKey });
      const { subscription } = await connectTenant(running, slug, slug);
      running.sandbox.controls.disableSubscription(subscription.uri);
      expect((await connect(slug)).body).toMatchObject({
        authorizeUrl: null,
        connection: { state: 'connected', substate: 'webhooks', subscription: { state: 'active' } },
      });
      await waitFor(async () => (await view(slug)).debts.length === 0);
      await isReallyOurs(slug, slug);
      expect((await view(slug)).subscription.uri).not.toBe(subscription.uri);
    },
  );

  test('with 409 by user, scope and events, a leftover of ours is cleared, and only then created anew', async () => {
    account('leftover');
    const { subscription } = await connectTenant(running, 'leftover', 'leftover');
    running.sandbox.controls.switches.set({ conflictKey: 'user+scope+events' });
    running.sandbox.controls.faults.add({
      method: 'DELETE',
      path: '/webhook_subscriptions/:uuid',
      kind: 'respond',
      status: 503,
      times: 'forever',
    });
    await running.api('DELETE', connectionPath('leftover'));
    expect(ours('leftover').map(({ uri }) => uri)).toEqual([subscription.uri]);
    const { body } = await connect('leftover');
    running.sandbox.controls.faults.clear();
    await giveConsent(body.authorizeUrl, 'leftover');
    await waitFor(
      async () => (await view('leftover')).state === 'connected' && (await view('leftover')).debts.length === 0,
      { timeoutMs: 15_000 },
    );
    await isReallyOurs('leftover', 'leftover');
  });

  test('a webhook of somebody else in the way is left alone, and says what a person has to do', async () => {
    account('foreign');
    running.sandbox.controls.switches.set({ conflictKey: 'user+scope+events' });
    const other = foreign('foreign', 'https://other.example/hook');
    const connection = await connectTenant(running, 'foreign', 'foreign', { state: 'error' });
    expect(connection).toMatchObject({
      state: 'error',
      substate: 'needsAttention',
      lastError: { code: 'webhook_conflict', message: expect.any(String) },
      account: { name: 'Owner of foreign' },
    });
    expect(remote('foreign').map(({ uri }) => uri)).toEqual([other.uri]);
    expect(connection.debts).toEqual([]);
    expect((await running.api('GET', '/v1/tenants/foreign/access-token')).status).toBe(200);
    running.sandbox.controls.deleteSubscription(other.uri);
    expect((await connect('foreign')).body).toMatchObject({
      authorizeUrl: null,
      connection: { state: 'connected', lastError: null },
    });
    await isReallyOurs('foreign', 'foreign');
  });
});

describe('webhooks of others', () => {
  test('two tenants of one account each keep their own webhook, whatever the other does', async () => {
    account('shared');
    await connectTenant(running, 'first', 'shared');
    await connectTenant(running, 'second', 'shared');
    const urisOf = async () => [(await view('first')).subscription.uri, (await view('second')).subscription.uri].sort();
    const before = await urisOf();
    expect(
      remote('shared')
        .map(({ uri }) => uri)
        .sort(),
    ).toEqual(before);
    await connect('first');
    await running.api('POST', `${connectionPath('second')}/resync`);
    await waitFor(async () => (await view('second')).state === 'connected');
    expect(await urisOf()).toEqual(before);
    running.sandbox.controls.disableSubscription((await view('first')).subscription.uri);
    await connect('first');
    await waitFor(async () => (await view('first')).debts.length === 0);
    await running.api('DELETE', connectionPath('first'));
    expect(remote('shared').map(({ uri }) => uri)).toEqual([(await view('second')).subscription.uri]);
  });

  test('ours is found behind more than a hundred webhooks of others, and theirs stay', async () => {
    account('crowded');
    for (let other = 0; other < 60; other++) foreign('crowded', `https://other.example/early/${other}`);
    await connectTenant(running, 'crowded', 'crowded');
    for (let other = 0; other < 60; other++) foreign('crowded', `https://other.example/late/${other}`);
    // A prefix, a host, a path like ours are no proof.
    foreign('crowded', `${running.url}/webhooks/calendly/00000000-0000-4000-8000-000000000000`);
    for (let round = 0; round < 2; round++)
      expect((await connect('crowded')).body.connection).toMatchObject({ state: 'connected' });
    expect(remote('crowded')).toHaveLength(122);
    running.sandbox.controls.disableSubscription((await view('crowded')).subscription.uri);
    await connect('crowded');
    await waitFor(async () => (await view('crowded')).debts.length === 0);
    expect(remote('crowded')).toHaveLength(122);
    await running.api('DELETE', connectionPath('crowded'));
    expect(remote('crowded')).toHaveLength(121);
  });
});

describe('a create without an answer', () => {
  test('a create that was done without an answer ends with one webhook: found, and taken for what it is', async () => {
    account('doubt');
    running.sandbox.controls.faults.add({ method: 'POST', path: '/webhook_subscriptions', kind: 'dropAfterWork' });
    const { body } = await connect('doubt');
    await giveConsent(body.authorizeUrl, 'doubt');
    expect(await view('doubt')).toMatchObject({
      state: 'error',
      substate: 'retrying',
      debts: [{ kind: 'subscription' }],
    });
    await makeTimerDue(running.database, 'doubt', 'retry');
    await waitFor(async () => (await view('doubt')).state === 'connected');
    await waitFor(async () => (await view('doubt')).debts.length === 0);
    await isReallyOurs('doubt', 'doubt');
    const creates = running.sandbox.controls
      .calls()
      .filter(
        ({ method, path, account: who }) => method === 'POST' && path === '/webhook_subscriptions' && who === 'doubt',
      );
    expect(creates).toHaveLength(1);
  });

  test('a create that was never done is created anew, and its doubt is settled by a listing that lacks it', async () => {
    account('undone');
    running.sandbox.controls.faults.add({ method: 'POST', path: '/webhook_subscriptions', kind: 'drop' });
    const { body } = await connect('undone');
    await giveConsent(body.authorizeUrl, 'undone');
    const {
      debts: [debt],
    } = await view('undone');
    expect(debt).toMatchObject({
      kind: 'subscription',
      attempts: 0,
      remoteId: expect.stringContaining(`${running.url}/webhooks/calendly/`),
    });
    await makeTimerDue(running.database, 'undone', 'retry');
    await waitFor(async () => (await view('undone')).state === 'connected');
    await isReallyOurs('undone', 'undone');
    const id = debt.remoteId.split('/').at(-1);
    const past = new Date(Date.now() - 61_000);
    await running.database.db.updateTable('subscription').set({ create_sent_at: past }).where('id', '=', id).execute();
    await makeTimerDue(running.database, 'undone', `debt:subscription:${id}`);
    await waitFor(async () => (await view('undone')).debts.length === 0);
    await isReallyOurs('undone', 'undone');
  });
});
