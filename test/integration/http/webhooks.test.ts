import { createHmac, randomBytes } from 'node:crypto';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createSealedBox } from '../../../src/grants/sealed-box.ts';
import { readCredential } from '../../../src/grants/credentials.ts';
import { connectionPath, connectTenant } from '../../support/service/connect-tenant.ts';
import { deliveryBytes } from '../../support/calendly/delivery-fixtures.ts';
import { signDelivery } from '../../support/calendly/sign-delivery.ts';
import { createTestDatabase, type TestDatabase } from '../../support/postgres/test-database.ts';
import { startTestService, type Answer, type TestService } from '../../support/service/start-test-service.ts';
import { waitFor } from '../../support/service/wait-for.ts';

const KEY = randomBytes(32);
let database: TestDatabase;
let line: { url: string; cut(): void; mend(): Promise<void>; close(): Promise<void> };
let running: TestService;
let url: string;
let signingKey: string;
beforeAll(async () => {
  database = await createTestDatabase();
  line = await databaseLine(new URL(database.url));
  running = await startTestService({
    env: { ENCRYPTION_KEYS: `k1:${KEY.toString('base64')}` },
    database: { ...database, url: line.url },
  });
  await connectTenant(running, 'hooked', 'alice');
  const row = await database.db
    .selectFrom('subscription')
    .selectAll()
    .where('tenant_id', '=', 'hooked')
    .executeTakeFirstOrThrow();
  url = row.callback_url;
  signingKey = await readCredential(database.db, createSealedBox([{ id: 'k1', key: KEY }]), row.signing_key_id!, {
    tenantId: 'hooked',
    purpose: 'signing_key',
  });
});
afterAll(async () => {
  await running.stop();
  await line.close();
  await database.close();
});

/** A wire to the database that can be cut: what the service sees of a database that is down. */
async function databaseLine(target: URL): Promise<typeof line> {
  const sockets = new Set<Socket>();
  let up = true;
  const server: Server = createServer((client) => {
    if (!up) return void client.destroy();
    const upstream = connect(Number(target.port), target.hostname.replace(/^\[|\]$/g, ''));
    for (const socket of [client, upstream]) {
      sockets.add(socket);
      socket.on('error', () => {}).on('close', () => sockets.delete(socket));
    }
    client.pipe(upstream).pipe(client);
    client.on('close', () => upstream.destroy());
    upstream.on('close', () => client.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const through = new URL(target);
  through.hostname = '127.0.0.1';
  through.port = String((server.address() as { port: number }).port);
  return {
    url: through.href,
    cut: () => {
      up = false;
      for (const socket of sockets) socket.destroy();
    },
    mend: async () => void (up = true),
    close: () =>
      new Promise((resolve) => {
        for (const socket of sockets) socket.destroy();
        server.close(() => resolve());
      }),
  };
}

const post = async (body: Buffer | string, headers: Record<string, string> = {}, to = url): Promise<Answer> => {
  const response = await fetch(to, {
    method: 'POST',
    body: new Uint8Array(Buffer.from(body)),
    headers: { 'content-type': 'application/json', ...headers },
  });
  const text = await response.text();
  return { status: response.status, headers: response.headers, body: text === '' ? null : JSON.parse(text) };
};
const signed = (body: Buffer | string, at = new Date(), key = signingKey) => ({
  'calendly-webhook-signature': signDelivery(body, key, at),
});
const listed = async (): Promise<{ verdict: string; bodyBytes: number }[]> =>
  (await running.api('GET', '/v1/tenants/hooked/deliveries?limit=100')).body.items;
/** Once everything that was stored has been applied. */
const deliveries = () =>
  waitFor(async () => {
    const items = await listed();
    return items.every(({ verdict }) => verdict !== 'received') ? items : null;
  });
const verdicts = async () => (await deliveries()).map(({ verdict }) => verdict);
const meetings = async () => (await deliveries(), await running.api('GET', '/v1/tenants/hooked/meetings')).body.items;
const created = deliveryBytes('invitee-created');

describe('deliveries that are accepted or refused', () => {
  test.each([
    ['no signature', () => ({})],
    ['an empty signature', () => ({ 'calendly-webhook-signature': '' })],
    ['another key', () => signed(created, new Date(), 'ff'.repeat(32))],
    ['an empty key', () => signed(created, new Date(), '')],
    ['a signature of other bytes', () => signed(`${created.toString()} `)],
    [
      'a signature without its time',
      () => ({ 'calendly-webhook-signature': `v1=${createHmac('sha256', signingKey).update(created).digest('hex')}` }),
    ],
    [
      'another time than was signed',
      () => ({
        'calendly-webhook-signature': signed(created)['calendly-webhook-signature'].replace(/t=\d+/, 't=1700000000'),
      }),
    ],
    ['a time far ahead', () => signed(created, new Date(Date.now() + 6 * 60_000))],
    ['a time beyond every retry', () => signed(created, new Date(Date.now() - 26 * 3_600_000))],
    [
      'another scheme',
      () => ({ 'calendly-webhook-signature': signed(created)['calendly-webhook-signature'].replace('v1=', 'v0=') }),
    ],
    ['two times', () => ({ 'calendly-webhook-signature': `t=1,${signed(created)['calendly-webhook-signature']}` })],
  ])('a delivery with %s is a 401 and changes nothing', async (_, headers) => {
    expect(await post(created, headers() as Record<string, string>)).toMatchObject({
      status: 401,
      body: { code: 'signature_refused' },
    });
    expect(await meetings()).toEqual([]);
    expect((await running.api('GET', connectionPath('hooked'))).body.subscription.lastDeliveryAt).toBeNull();
  });

  test('a delivery is applied once, however often and in whatever form it comes', async () => {
    const twentyHoursAgo = new Date(Date.now() - 20 * 3_600_000);
    expect(await post(created, signed(created))).toMatchObject({ status: 200 });
    expect(await meetings()).toHaveLength(1);
    for (const headers of [
      signed(created),
      signed(created, twentyHoursAgo),
      { ...signed(created), 'content-type': 'text/plain' },
      { ...signed(created), 'content-type': 'x' },
      { 'calendly-webhook-signature': `${signed(created)['calendly-webhook-signature']},v1=${'0'.repeat(64)}` },
    ]) {
      expect((await post(created, headers)).status).toBe(200);
    }
    expect(
      (await Promise.all(Array.from({ length: 8 }, () => post(created, signed(created))))).map(({ status }) => status),
    ).toEqual(Array(8).fill(200));
    expect(await meetings()).toHaveLength(1);
    expect((await verdicts()).filter((verdict) => verdict === 'applied')).toHaveLength(1);
    expect((await verdicts()).filter((verdict) => verdict === 'duplicate')).toHaveLength(13);
  });

  test.each([
    ['no JSON', '{"event":'],
    ['a list', '[]'],
    ['nothing', ''],
    ['bytes', Buffer.from([0xff, 0xfe, 0x00])],
    ['deep nesting', `${'['.repeat(50_000)}${']'.repeat(50_000)}`],
    ['no payload', '{"event":"invitee.created"}'],
    ['a payload of another shape', '{"event":"invitee.created","payload":{"uri":5}}'],
  ])('a signed body that is %s is kept and answered with 200', async (_, body) => {
    expect((await post(body, signed(body))).status).toBe(200);
    const { verdict, bodyBytes } = (await deliveries())[0]!;
    expect({ verdict, bodyBytes }).toEqual({ verdict: 'unreadable', bodyBytes: Buffer.byteLength(body) });
  });
});

describe('addresses that take no delivery', () => {
  test('unknown subscriptions are a 404, bodies over 256 KiB a 413', async () => {
    for (const id of ['00000000-0000-4000-8000-000000000000', 'x', '%00', "'", 'a'.repeat(400)]) {
      expect(await post(created, signed(created), `${running.url}/webhooks/calendly/${id}`)).toMatchObject({
        status: 404,
        body: { code: 'subscription_unknown' },
      });
    }
    const most = Buffer.alloc(256 * 1024, 0x20);
    expect((await post(most, signed(most))).status).toBe(200);
    const tooMuch = Buffer.alloc(256 * 1024 + 1, 0x20);
    expect(await post(tooMuch, signed(tooMuch))).toMatchObject({ status: 413, body: { code: 'body_too_large' } });
  });
});

describe('a database that is down', () => {
  test('with the database down everything is a 503, deliveries included, and afterwards all goes on', async () => {
    const canceled = deliveryBytes('invitee-canceled');
    line.cut();
    expect(await post(canceled, signed(canceled))).toMatchObject({
      status: 503,
      body: { code: 'database_unavailable' },
    });
    for (const [method, path] of [
      ['GET', connectionPath('hooked')],
      ['POST', `${connectionPath('hooked')}/connect`],
      ['DELETE', connectionPath('hooked')],
      ['GET', '/v1/tenants'],
      ['GET', '/v1/tenants/hooked/access-token'],
      ['GET', '/health/ready'],
    ] as const) {
      const { status, headers, body } = await running.api(method, path);
      expect({ path, status, code: body.code, retry: headers.get('retry-after') }).toEqual({
        path,
        status: 503,
        code: 'database_unavailable',
        retry: '1',
      });
    }
    expect((await running.api('GET', '/health/live')).status).toBe(200);
    await line.mend();
    await waitFor(async () => (await running.api('GET', '/health/ready')).status === 200);
    expect((await post(canceled, signed(canceled))).status).toBe(200);
    expect((await running.api('GET', connectionPath('hooked'))).body.state).toBe('connected');
  });
});

describe('a retired subscription', () => {
  test('deliveries to a subscription that is retired are a 410, and show nothing', async () => {
    await running.api('DELETE', connectionPath('hooked'));
    expect(await post(created, signed(created))).toMatchObject({ status: 410, body: { code: 'subscription_retired' } });
    expect(await meetings()).toEqual([]);
    expect((await verdicts())[0]).toBe('refused:subscription_retired');
  });
});
