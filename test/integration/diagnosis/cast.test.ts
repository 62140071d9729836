import { afterAll, beforeAll, expect, test } from 'vitest';
import { API_KEY, startTestService, type TestService } from '../../support/service/start-test-service.ts';
import { playCast } from '../../support/world/cast-of-tenants.ts';

let running: TestService;
beforeAll(async () => {
  running = await startTestService({ sandbox: { switches: { tokenRateLimit: null } } });
  await playCast({ url: running.url, apiKey: API_KEY, sandbox: running.sandbox });
}, 60_000);
afterAll(() => running.stop());

const diagnosisOf = async (tenantId: string) => (await running.api('GET', `/v1/tenants/${tenantId}/diagnosis`)).body;

test('each tenant of the cast has its cause, in one sentence, and what to do', async () => {
  const tenants = ['globex', 'initech', 'umbrella', 'hooli', 'stark', 'wayne-enterprises'];
  const found = await Promise.all(tenants.map(diagnosisOf));
  expect(found.map(({ code, verdict, next }) => [code, verdict, next.who, next.command])).toEqual([
    ['well', 'well', 'nobody', undefined],
    ['polling', 'degraded', 'nobody', 'resync'],
    ['login_withdrawn', 'not_receiving', 'customer', 'connect'],
    ['consent_awaited', 'disconnected', 'customer', 'connect'],
    ['disconnected_owing', 'disconnected', 'calendly', 'retry'],
    ['calendly_failing', 'not_receiving', 'calendly', 'retry'],
  ]);
  const stuck = found.at(-1);
  expect(stuck.headline).toBe('Calendly answers 503.');
  expect(stuck.evidence).toContainEqual(
    expect.objectContaining({ kind: 'exchange', says: 'GET /webhook_subscriptions: 503' }),
  );
});

test('a failing try does not renew since when a tenant is stuck', async () => {
  const before = await diagnosisOf('wayne-enterprises');
  await running.api('POST', '/v1/tenants/wayne-enterprises/connection/retry');
  const { body } = await running.api('GET', '/v1/tenants/wayne-enterprises/connection');
  expect(body.since > before.since).toBe(true);
  expect((await diagnosisOf('wayne-enterprises')).since).toBe(before.since);
});

test('all tenants together: grouped by what is said of them, the worst first; those who are well are only counted', async () => {
  const { body } = await running.api('GET', '/v1/diagnosis');
  expect(body).toMatchObject({ tenants: 7, complete: true });
  expect(body.groups[0].verdict).toBe('not_receiving');
  expect(body.groups).toContainEqual(
    expect.objectContaining({ code: 'polling', tenants: 1, tenantIds: ['initech'], headline: expect.any(String) }),
  );
  const { body: one } = await running.api('GET', '/v1/diagnosis?code=polling');
  expect(one.groups.map((group: { code: string }) => group.code)).toEqual(['polling']);
});

test('a tenant that was never seen is unknown, and a wrong query is refused', async () => {
  expect((await running.api('GET', '/v1/tenants/nobody/diagnosis')).status).toBe(404);
  expect((await running.api('GET', '/v1/diagnosis?code=%27')).status).toBe(400);
  expect((await running.api('GET', '/v1/diagnosis?limit=9')).status).toBe(400);
});
