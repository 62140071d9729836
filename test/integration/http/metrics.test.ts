import { afterAll, beforeAll, expect, test } from 'vitest';
import { connectionPath, connectTenant } from '../../support/service/connect-tenant.ts';
import { startTestService, type TestService } from '../../support/service/start-test-service.ts';
import { waitFor } from '../../support/service/wait-for.ts';

let running: TestService;
beforeAll(async () => void (running = await startTestService()));
afterAll(() => running.stop());

/** Value by series, as it stands in the exposition. */
async function scrape(): Promise<Map<string, number>> {
  const text = await (await fetch(`${running.url}/metrics`)).text();
  return new Map(
    text
      .split('\n')
      .filter((line) => line.startsWith('calendly_'))
      .map((line) => {
        const at = line.lastIndexOf(' ');
        return [line.slice(0, at), Number(line.slice(at + 1))];
      }),
  );
}

test('an empty service has every metric, at zero', async () => {
  const metrics = await scrape();
  expect(metrics.get('calendly_tenants{state="connected"}')).toBe(0);
  expect(metrics.get('calendly_refreshes_last_hour{outcome="in_doubt"}')).toBe(0);
  expect(metrics.get('calendly_grants_in_doubt')).toBe(0);
  expect(metrics.get('calendly_debts{age="over_1d"}')).toBe(0);
  expect(metrics.get('calendly_booking_to_visible_seconds_count')).toBe(0);
});

test('a connection, a refresh, a booking and its copy, and a debt are counted', async () => {
  const { api, sandbox } = running;
  await connectTenant(running, 'acme', 'alice');
  await api('POST', `${connectionPath('acme')}/refresh`);
  sandbox.controls.book({ account: 'alice', name: 'Gina Guest', email: 'gina@guest.example' });
  const metrics = await waitFor(
    async () => {
      const now = await scrape();
      return now.get('calendly_booking_to_visible_seconds_count') === 1 &&
        now.get('calendly_refreshes_last_hour{outcome="refreshed"}') === 1
        ? now
        : undefined;
    },
    { describe: 'the booking and the refresh' },
  );
  expect(metrics.get('calendly_tenants{state="connected"}')).toBe(1);
  expect(metrics.get('calendly_deliveries_total{verdict="applied"}')).toBe(1);
  expect(metrics.get('calendly_booking_to_visible_seconds_sum')).toBeLessThan(60);
  expect(metrics.get('calendly_transitions_total{from="disconnected.idle",to="authorizing.awaitingConsent"}')).toBe(1);

  sandbox.controls.faults.add({
    method: 'DELETE',
    path: '/webhook_subscriptions*',
    times: 'forever',
    kind: 'respond',
    status: 503,
  });
  await api('DELETE', connectionPath('acme'));
  expect((await scrape()).get('calendly_debts{age="under_1h"}')).toBe(2);
});

test('no metric names a tenant, an account or a meeting', async () => {
  const text = await (await fetch(`${running.url}/metrics`)).text();
  expect(text).not.toMatch(/acme|alice|gina|users\/|https?:/i);
});
