import { createHash } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { deliveryJson } from '../../support/calendly/delivery-fixtures.ts';
import { signDelivery } from '../../support/calendly/sign-delivery.ts';
import { connectTenant } from '../../support/service/connect-tenant.ts';
import { openInspector } from '../../support/service/open-inspector.ts';
import { startTestService, type TestService } from '../../support/service/start-test-service.ts';
import { waitFor } from '../../support/service/wait-for.ts';

const KEY = 'signing-key-of-the-application';
const NEXT_KEY = 'next-signing-key-of-the-application';
const fingerprint = (key: string) => createHash('sha256').update(key).digest('hex').slice(0, 8);

let running: TestService;
beforeAll(async () => {
  running = await startTestService({
    env: { CALENDLY_WEBHOOK_SIGNING_KEY: `${NEXT_KEY},${KEY}` },
    sandbox: { appSigningKey: KEY, switches: { signingKeyPrecedence: 'app' } },
  });
  await connectTenant(running, 'acme', 'alice');
});
afterAll(() => running.stop());

const deliveries = async () => (await running.api('GET', '/v1/tenants/acme/deliveries')).body.items;
const book = () => running.sandbox.controls.book({ account: 'alice', name: 'Gina Guest', email: 'gina@guest.example' });
const applied = async (count: number) =>
  (await deliveries()).filter(({ verdict }: { verdict: string }) => verdict === 'applied').length === count;

test('a delivery that is signed with the key of the application is applied, and shown as such', async () => {
  book();
  await waitFor(() => applied(1));
  expect(await deliveries()).toMatchObject([{ signingKeyId: null, applicationKey: fingerprint(KEY) }]);
  expect((await running.api('GET', '/v1/tenants/acme/meetings')).body.items).toHaveLength(1);

  const inspector = await openInspector(running.url);
  expect(await (await inspector.get('/tenants/acme/deliveries')).text()).toContain(fingerprint(KEY));
});

test("the subscription's own key is accepted as before", async () => {
  running.sandbox.controls.switches.set({ signingKeyPrecedence: 'subscription' });
  book();
  await waitFor(() => applied(2));
  expect((await deliveries())[0]).toMatchObject({ signingKeyId: expect.any(String), applicationKey: null });
});

test('with the key of the application, what is not of this account changes nothing', async () => {
  const [subscription] = running.sandbox.controls.subscriptions({ account: 'alice' });
  const before = (await running.api('GET', '/v1/tenants/acme/meetings')).body.items.length;
  const { created_by: _, ...unnamed } = deliveryJson('invitee-created');
  for (const body of [deliveryJson('invitee-created'), unnamed]) {
    const bytes = Buffer.from(JSON.stringify(body));
    const { status } = await fetch(subscription!.callback_url, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        'calendly-webhook-signature': signDelivery(bytes, NEXT_KEY, new Date()),
      },
      body: new Uint8Array(bytes),
    });
    expect(status).toBe(200);
  }
  await waitFor(async () =>
    (await deliveries()).slice(0, 2).every(({ verdict }: { verdict: string }) => verdict === 'ignored'),
  );
  expect((await deliveries())[0].applicationKey).toBe(fingerprint(NEXT_KEY));
  expect((await running.api('GET', '/v1/tenants/acme/meetings')).body.items).toHaveLength(before);
});

test('unless it is set, the key of the application is refused', async () => {
  const other = await startTestService({ sharedSandbox: running.sandbox });
  running.sandbox.controls.switches.set({ signingKeyPrecedence: 'app' });
  await connectTenant(other, 'beta', 'bob');
  running.sandbox.controls.book({ account: 'bob', name: 'Gina Guest', email: 'gina@guest.example' });
  const list = async () => (await other.api('GET', '/v1/tenants/beta/deliveries')).body.items;
  await waitFor(async () => (await list()).length > 0);
  expect((await list())[0]).toMatchObject({ verdict: 'refused:signature_wrong', applicationKey: null });
  await other.stop();
});
