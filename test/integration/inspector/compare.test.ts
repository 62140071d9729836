import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { connectWithMeeting } from '../../support/world/cast-of-tenants.ts';
import { startInspected, type InspectedService } from '../../support/service/inspected-service.ts';
import { openInspector, type OpenInspector } from '../../support/service/open-inspector.ts';

let running: InspectedService;
let inspector: OpenInspector;
let account: string;
beforeAll(async () => {
  running = await startInspected();
  inspector = await openInspector(running.url, 'Nora Night');
  account = await connectWithMeeting(running.stage, 'acme');
});
afterAll(() => running.stop());

const ask = async () => (await inspector.post('/tenants/acme/compare')).text();
const hooks = () => running.sandbox.controls.subscriptions({ account });

describe('the comparison', () => {
  test('what is stored and what is there agree, and asking is recorded, never refreshing', async () => {
    const tokens = running.sandbox.controls.tokens(account).pairs.length;
    expect(await ask()).toContain('Everything is as it is stored.');
    const { body } = await running.api('GET', '/v1/tenants/acme/exchanges');
    const paths = body.items
      .filter((item: { effect: string }) => item.effect === 'inspect')
      .map((item: { path: string }) => item.path.split('/')[1]);
    expect(new Set(paths)).toEqual(new Set(['users', 'organizations', 'webhook_subscriptions']));
    expect(running.sandbox.controls.tokens(account).pairs).toHaveLength(tokens);
  });

  test('a name that changed and a webhook that was disabled are marked', async () => {
    running.sandbox.controls.accounts.update(account, { name: 'Acme Renamed' });
    running.sandbox.controls.disableSubscription(hooks()[0]!.uri);
    const page = await ask();
    // The name, the state, and since when Calendly has retried.
    expect(page).toContain('3 differences.');
    expect(page).toContain('Acme Renamed');
    expect(page).toContain('disabled');
  });

  test("an unknown webhook below our URL is shown and deleted by an operator only; others' are left alone", async () => {
    const { callback_url: ours } = hooks()[0]!;
    const unknown = running.sandbox.controls.createSubscription({
      account,
      url: `${running.url}/webhooks/calendly/${randomUUID()}`,
    });
    const foreign = running.sandbox.controls.createSubscription({
      account,
      url: 'https://other.example/hook/secret-path',
    });
    const page = await ask();
    expect(page).toContain('nobody here knows it');
    expect(page).toContain('other.example/…');
    expect(page).not.toContain('secret-path');

    expect((await inspector.post('/tenants/acme/compare/delete-unknown', { uri: foreign.uri })).status).toBe(409);
    expect(
      (
        await inspector.post('/tenants/acme/compare/delete-unknown', {
          uri: hooks().find((hook) => hook.callback_url === ours)!.uri,
        })
      ).status,
    ).toBe(409);
    expect((await inspector.post('/tenants/acme/compare/delete-unknown', { uri: unknown.uri })).status).toBe(303);
    expect(hooks().map((hook) => hook.uri)).not.toContain(unknown.uri);
    expect(hooks()).toHaveLength(2);
    const { body } = await running.api('GET', '/v1/tenants/acme/history');
    expect(body.items[0]).toMatchObject({
      kind: 'note',
      cause: { kind: 'operator', name: 'Nora Night' },
      note: expect.stringContaining(unknown.uri),
    });
  });
});

describe('a comparison that is not possible', () => {
  test('a failing listing is said to be one, and nothing is called different for it', async () => {
    running.sandbox.controls.faults.add({
      kind: 'respond',
      method: 'GET',
      path: '/webhook_subscriptions',
      times: 2,
      status: 503,
      body: {},
    });
    const page = await ask();
    expect(page).toContain('Not compared: the listing failed.');
    expect(page).toContain('None could be listed.');
  });

  test('without a usable token it says what to do, and calls nothing', async () => {
    await running.database.db
      .updateTable('oauth_grant')
      .set({ expires_at: new Date(0) })
      .where('status', '=', 'current')
      .execute();
    running.sandbox.controls.clearCalls();
    expect(await ask()).toContain('The stored access token has expired.');
    expect(running.sandbox.controls.calls()).toEqual([]);
  });
});
