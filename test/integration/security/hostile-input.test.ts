import { connect } from 'node:net';
import { text as textOf } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { connectTenant } from '../../support/service/connect-tenant.ts';
import { waitFor } from '../../support/service/wait-for.ts';
import { openInspector } from '../../support/service/open-inspector.ts';
import { API_KEY, startTestService, type TestService } from '../../support/service/start-test-service.ts';
import { waitForBackfill } from '../../support/service/wait-for-backfill.ts';

const TABLES = ['connection', 'history', 'effect', 'timer', 'delivery', 'host_event', 'meeting'] as const;

let running: TestService;
let cookie = '';
beforeAll(async () => {
  running = await startTestService();
  await connectTenant(running, 'acme', 'alice');
  await waitForBackfill(running, 'acme');
  const login = await fetch(`${running.url}/inspector/login`, {
    method: 'POST',
    redirect: 'manual',
    headers: { origin: running.url },
    body: new URLSearchParams({ password: 'test-inspector-password', operator: 'ann' }),
  });
  cookie = login.headers
    .getSetCookie()
    .map((each) => each.split(';')[0])
    .join('; ');
  expect(login.status).toBe(303);
});
afterAll(() => running.stop());

const rows = async () =>
  Promise.all(
    TABLES.map(async (table) =>
      Number(
        (
          await running.database.db
            .selectFrom(table)
            .select(({ fn }) => fn.countAll().as('count'))
            .executeTakeFirstOrThrow()
        ).count,
      ),
    ),
  );
const ask = (path: string) =>
  fetch(`${running.url}${path}`, { headers: { authorization: `Bearer ${API_KEY}`, cookie }, redirect: 'manual' });
const cursor = (position: unknown) => Buffer.from(JSON.stringify(position)).toString('base64url');

describe('an address that nobody would write', () => {
  const lists = [
    '/v1/tenants',
    '/v1/events',
    '/v1/events/outgoing',
    ...['meetings', 'history', 'exchanges', 'deliveries'].map((list) => `/v1/tenants/acme/${list}`),
  ];
  const cursors = [
    cursor([1e300, 'x']),
    cursor([0, 1e300, 'acme']),
    cursor(['0', -1, 'acme']),
    cursor([1]),
    cursor({}),
    cursor(null),
    'AAAA',
    '%22',
    cursor([-1e15, '00000000-0000-0000-0000-000000000000']),
  ];
  const inspected = [
    '/inspector',
    ...['', '/exchanges', '/deliveries', '/meetings', '/events'].map((tab) => `/inspector/tenants/acme${tab}`),
  ];
  const paths = [
    ...lists.flatMap((path) => [
      `${path}?limit=1e309`,
      `${path}?limit=-1e309`,
      `${path}?limit=9007199254740993`,
      `${path}?limit=1.5`,
    ]),
    ...lists.flatMap((path) => cursors.map((each) => `${path}?cursor=${each}&after=${each}`)),
    ...inspected.flatMap((path) => cursors.flatMap((each) => [`${path}?cursor=${each}`, `${path}?before=${each}`])),
    ...inspected.map((path) => `${path}?q=%00&operator=%00&at=1e309`),
    '/inspector/tenants/acme?at=1e309',
    '/inspector/tenants/acme/history/1e309',
    '/inspector/tenants/acme/history/99999999999999999999',
    '/inspector?q=%00',
    '/inspector?q=%ff',
    '/v1/tenants?q=%00',
    '/v1/tenants/%00/connection',
    '/v1/tenants/acme/meetings?from=%00',
    '/v1/tenants/acme/meetings?from=0000-00-00T00:00:00Z',
    '/oauth/callback?state=%00&code=x',
    '/oauth/callback?state=x&error=%00',
    '/oauth/callback?state[]=x&state[]=y',
  ];
  test.each(paths)('%s is refused, or answered, and changes nothing', async (path) => {
    const before = await rows();
    const { status } = await ask(path);
    expect(status).toBeGreaterThanOrEqual(200);
    expect(status).toBeLessThan(500);
    expect(await rows()).toEqual(before);
  });
});

describe('a form that nobody would send', () => {
  test.each([['/inspector/login', { operator: 'a\u0000b', password: 'test-inspector-password' }]])(
    'with NUL to %s is refused',
    async (path, fields) => {
      const { status } = await fetch(`${running.url}${path}`, {
        method: 'POST',
        redirect: 'manual',
        headers: { origin: running.url },
        body: new URLSearchParams(fields),
      });
      expect(status).toBe(400);
    },
  );
});

describe('a client that is slow on purpose', () => {
  test('does not hold a connection longer than a request may take to arrive', async () => {
    const { port } = new URL(running.url);
    const id = (await running.database.db.selectFrom('subscription').select('id').executeTakeFirstOrThrow()).id;
    const closed = Array.from(
      { length: 20 },
      () =>
        new Promise<string>((resolve) => {
          const socket = connect(Number(port), '127.0.0.1');
          let said = '';
          socket.on('data', (text) => (said += text.toString()));
          socket.on('close', () => resolve(said.split('\r\n')[0] ?? ''));
          socket.on('error', () => {});
          socket.write(
            `POST /webhooks/calendly/${id} HTTP/1.1\r\nhost: x\r\ncontent-length: 1000\r\ncontent-type: application/json\r\n\r\n{`,
          );
        }),
    );
    // A bound that only a hang would break.
    const lines = await Promise.race([
      Promise.all(closed),
      new Promise<null>((resolve) => setTimeout(() => resolve(null), 40_000)),
    ]);
    expect(new Set(lines)).toEqual(new Set(['HTTP/1.1 408 Request Timeout']));
  }, 60_000);
});

test('a live page that is open ends with the logout, also of a copy of its cookie', async () => {
  const { url, cookie: own } = { url: running.url, cookie: (await openInspector(running.url)).cookie };
  const stream = await fetch(`${url}/inspector/live`, { headers: { cookie: own } });
  expect(stream.status).toBe(200);
  const end = textOf(stream.body!);
  await fetch(`${url}/inspector/logout`, { method: 'POST', headers: { cookie: own }, redirect: 'manual' });
  expect(await end).toContain('event: alive');
}, 60_000);

describe('a flood of connections', () => {
  test('that say nothing is let go, and meanwhile others are served', async () => {
    const { port } = new URL(running.url);
    let open = 0;
    const sockets = Array.from({ length: 1_000 }, () => {
      const socket = connect(Number(port), '127.0.0.1');
      socket.on('connect', () => (open += 1));
      socket.on('close', () => (open -= 1));
      // What it is told at last has to be read, or the end is not seen.
      return socket.on('error', () => {}).resume();
    });
    await waitFor(() => open === sockets.length);
    const before = process.memoryUsage().rss;
    expect((await ask('/v1/tenants')).status).toBe(200);
    expect((await ask('/inspector')).status).toBe(200);
    await waitFor(() => open === 0, { timeoutMs: 30_000 }).finally(() => sockets.forEach((socket) => socket.destroy()));
    expect(process.memoryUsage().rss - before).toBeLessThan(200 * 1024 * 1024);
  }, 60_000);

  test('past the limit is refused at once, and those within it go on', async () => {
    const { server } = running.service.app;
    const most = server.maxConnections;
    expect(most).toBe(10_000);
    server.maxConnections = 100;
    try {
      const { port } = new URL(running.url);
      let closed = 0;
      const sockets = Array.from({ length: 300 }, () =>
        connect(Number(port), '127.0.0.1')
          .on('close', () => (closed += 1))
          .on('error', () => {}),
      );
      await waitFor(() => closed >= 200);
      for (const socket of sockets) socket.destroy();
      await waitFor(() => closed === sockets.length);
    } finally {
      server.maxConnections = most;
    }
    expect((await ask('/v1/tenants')).status).toBe(200);
  }, 60_000);
});
