import { createRequire } from 'node:module';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startSandbox, type Sandbox } from '../../../src/sandbox/index.ts';
import { startTracing } from '../../../src/tracing/start-tracing.ts';
import { giveConsent } from '../../support/calendly/give-consent.ts';
import { startRecordingProxy, type RecordingProxy } from '../../support/calendly/recording-proxy.ts';
import { createTestDatabase, type TestDatabase } from '../../support/postgres/test-database.ts';
import { connectionPath } from '../../support/service/connect-tenant.ts';
import { freePort } from '../../support/service/free-port.ts';
import { runProgram, type RunningProgram } from '../../support/service/run-program.ts';
import { startCollector } from '../../support/service/start-collector.ts';
import { startReceiver, type Receiver } from '../../support/service/start-receiver.ts';
import { API_KEY, CLIENT, request, testServiceEnvironment } from '../../support/service/start-test-service.ts';
import { waitFor } from '../../support/service/wait-for.ts';

const TENANT = 'traced';
let sandbox: Sandbox;
let proxy: RecordingProxy;
let database: TestDatabase;
let host: Receiver;
let collector: Awaited<ReturnType<typeof startCollector>>;
let program: RunningProgram;
let url: string;
let environment: Record<string, string>;

beforeAll(async () => {
  sandbox = await startSandbox({ ...CLIENT, switches: { tokenRateLimit: null } });
  proxy = await startRecordingProxy(sandbox.url);
  database = await createTestDatabase();
  host = await startReceiver();
  collector = await startCollector();
  const port = await freePort();
  url = `http://127.0.0.1:${port}`;
  environment = {
    ...testServiceEnvironment({ publicUrl: url, port, calendlyUrl: proxy.url }),
    DATABASE_URL: database.url,
    REFRESH_RECENT_SECONDS: '0',
    ...host.env,
    ...collector.env,
  };
  program = runProgram('src/main.ts', ['serve'], { env: environment });
  await waitFor(() => program.stderr().includes('is running'), { timeoutMs: 20_000, describe: 'the service to run' });
});
afterAll(async () => {
  program.signal('SIGTERM');
  await program.ended;
  await Promise.all([host.close(), collector.close(), proxy.close(), sandbox.close(), database.close()]);
});

const api = (method: string, path: string, body?: unknown) =>
  request(`${url}${path}`, method, body, { authorization: `Bearer ${API_KEY}` });
/** All spans of the trace of the first span that this is true of, as soon as all of these are among them. */
const traceOf = (is: (span: (typeof collector.spans)[number]) => boolean, ...names: string[]) =>
  waitFor(
    () => {
      const found = collector.spans.find(is);
      const spans = collector.spans.filter(({ traceId }) => traceId === found?.traceId);
      const isWhole = found !== undefined && names.every((name) => spans.some((span) => span.name === name));
      return isWhole ? { found, spans } : undefined;
    },
    { timeoutMs: 15_000, describe: names.join(', ') },
  );

describe('a service whose OTEL_… variables ask for traces', () => {
  test('follows one booking from its delivery to the event that the host gets', async () => {
    const asked = await api('POST', `${connectionPath(TENANT)}/connect`, {});
    // A browser does not go through the proxy.
    await giveConsent(asked.body.authorizeUrl.replace(proxy.url, sandbox.url), 'alice');
    // Else the account's first back-fill may bring the meeting before its delivery does.
    await waitFor(async () =>
      (await api('GET', `/v1/tenants/${TENANT}/history`)).body.items.some(
        (item: { event?: { type: string } }) => item.event?.type === 'backfill.completed',
      ),
    );
    sandbox.controls.book({ account: 'alice', name: 'Canary Guest', email: 'canary@guest.example' });
    const told = await waitFor(() => host.received.find(({ event }) => event.type === 'meeting.created'));
    const { found, spans } = await traceOf(
      ({ name, attributes }) => name === 'POST host event' && attributes['event.type'] === 'meeting.created',
      'POST /webhooks/calendly/:subscriptionId',
      'delivery applied',
    );
    const [delivery] = spans.filter(({ name }) => name.startsWith('POST /webhooks'));
    expect(delivery!.parentSpanId ?? '').toBe('');
    expect(spans.find(({ name }) => name === 'delivery applied')!.attributes).toMatchObject({
      'tenant.id': TENANT,
      'delivery.verdict': 'applied',
    });
    expect(told.headers['traceparent']).toBe(`00-${found.traceId}-${found.spanId}-01`);
  });

  test('follows one reconnect through its effects', async () => {
    const { status } = await api('POST', `${connectionPath(TENANT)}/connect`, {});
    expect(status).toBe(200);
    const { spans } = await traceOf(
      ({ name, traceId }) =>
        name === 'effect refreshToken' &&
        collector.spans.some((span) => span.traceId === traceId && span.name.endsWith('/connection/connect')),
      'effect refreshToken',
      'effect listSubscriptions',
      'POST Calendly',
      'GET Calendly',
    );
    const byId = new Map(spans.map((span) => [span.spanId, span]));
    const ancestors = (span: (typeof spans)[number]): string[] => {
      const parent = byId.get(span.parentSpanId ?? '');
      return parent === undefined ? [] : [parent.name, ...ancestors(parent)];
    };
    const list = spans.find(({ name }) => name === 'effect listSubscriptions')!;
    expect(ancestors(list)).toContain('effect refreshToken');
    expect(ancestors(list).at(-1)).toBe('POST /v1/tenants/:tenantId/connection/connect');
    const passed = await waitFor(() => {
      const states = collector.spans
        .filter(({ traceId }) => traceId === list.traceId)
        .flatMap(({ events }) => events.map(({ attributes }) => attributes['to']));
      return states.includes('connected.webhooks') && states;
    });
    expect(passed).toEqual(expect.arrayContaining(['refreshing.refreshingToken', 'syncingWebhooks.listing']));
  });

  test('says no secret, no query, nothing of the invitee, and nothing of probes', async () => {
    await fetch(`${url}/health/ready`);
    await fetch(`${url}/nowhere?code=canary-code&state=canary-state`);
    await traceOf(({ attributes }) => attributes['url.path'] === '/nowhere');
    const ours = [
      'CALENDLY_CLIENT_SECRET',
      'INSPECTOR_PASSWORD',
      'ENCRYPTION_KEYS',
      'API_KEYS',
      'EVENTS_SECRET',
      'DATABASE_URL',
    ];
    const said = collector.bodies.join('\n');
    const { body } = await api('GET', `/v1/tenants/${TENANT}/access-token`);
    const secrets = [...proxy.secrets, ...ours.map((name) => environment[name]!), body.accessToken];
    expect(secrets.length).toBeGreaterThan(10);
    expect(secrets.filter((secret) => said.includes(secret))).toEqual([]);
    expect(said).not.toMatch(/canary-code|canary-state|canary@|Canary Guest|code_verifier/);
    expect(collector.spans.filter(({ attributes }) => String(attributes['url.path']).includes('?'))).toEqual([]);
    expect(collector.spans.filter(({ name }) => /health|metrics/.test(name))).toEqual([]);
  });
});

test('without the variables nothing of the SDK is loaded', async () => {
  for (const env of [{}, { OTEL_TRACES_EXPORTER: 'none' }, { ...collector.env, OTEL_SDK_DISABLED: 'true' }])
    expect(await startTracing(env)).toBeNull();
  const loaded = Object.keys(createRequire(import.meta.url).cache);
  expect(loaded.filter((path) => /sdk-node|@fastify\/otel/.test(path))).toEqual([]);
});
