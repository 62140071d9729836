import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { connectionPath, connectTenant } from '../../support/service/connect-tenant.ts';
import { request, startTestService, type Answer, type TestService } from '../../support/service/start-test-service.ts';
import { waitForBackfill } from '../../support/service/wait-for-backfill.ts';
import { waitFor } from '../../support/service/wait-for.ts';

let running: TestService;
beforeAll(async () => {
  running = await startTestService({ sandbox: { switches: { tokenRateLimit: null } } });
  running.sandbox.controls.accounts.add({ slug: 'reader', name: 'Owner of reader' });
});
afterAll(() => running.stop());

const get = async (path: string): Promise<Answer> => running.api('GET', `/v1/tenants/${path}`);
const view = async (tenantId: string): Promise<Answer['body']> =>
  (await running.api('GET', connectionPath(tenantId))).body;

/** All pages of a list, with the size of each. */
async function pages(path: string, limit: number): Promise<{ items: Answer['body'][]; sizes: number[] }> {
  const items: Answer['body'][] = [];
  const sizes: number[] = [];
  for (let cursor: string | null = ''; cursor !== null;) {
    const { status, body } = await get(
      `${path}${path.includes('?') ? '&' : '?'}limit=${limit}${cursor === '' ? '' : `&cursor=${cursor}`}`,
    );
    expect(status).toBe(200);
    items.push(...body.items);
    sizes.push(body.items.length);
    cursor = body.nextCursor;
  }
  return { items, sizes };
}

describe('one tenant', () => {
  test('a connection shows everything that the contract names, and no more', async () => {
    await connectTenant(running, 'reader', 'reader');
    const account = running.sandbox.controls.accounts.get('reader');
    const [subscription] = running.sandbox.controls.subscriptions({ account: 'reader' });
    const time = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
    const { body } = await get('reader/connection');
    expect(body).toMatchObject({
      tenantId: 'reader',
      state: 'connected',
      substate: 'webhooks',
      since: time,
      account: { uri: account.uri, email: account.email, name: account.name, organization: account.organization },
      pendingAccount: null,
      subscription: {
        uri: subscription!.uri,
        state: 'active',
        scope: 'user',
        events: subscription!.events,
        createdAt: time,
        lastDeliveryAt: null,
        retryStartedAt: null,
      },
      token: { expiresAt: time, scope: 'users:read scheduled_events:read webhooks:read webhooks:write' },
      delivery: 'webhooks',
      lastError: null,
      debts: [],
      version: expect.any(Number),
    });
  });

  test('meetings are filtered, sorted and paged', async () => {
    await waitForBackfill(running, 'reader');
    const day = (number: number) => new Date(Date.UTC(2031, 0, number, 9)).toISOString();
    const booked = Array.from({ length: 7 }, (_, at) =>
      running.sandbox.controls.book({
        account: 'reader',
        name: `Guest ${at}`,
        email: `guest${at}@guest.example`,
        startTime: day(at + 1),
      }),
    );
    running.sandbox.controls.cancel({ invitee: booked[2]!.inviteeUri, reason: 'Ill' });
    running.sandbox.controls.reschedule({ invitee: booked[5]!.inviteeUri, startTime: day(20) });
    await waitFor(
      async () =>
        (await get('reader/meetings?status=canceled')).body.items.length === 2 &&
        (await get('reader/meetings')).body.items.length === 8,
    );

    const all = await pages('reader/meetings', 3);
    expect(all.sizes).toEqual([3, 3, 2]);
    expect(all.items.map(({ startTime }) => startTime)).toEqual(
      all.items
        .map(({ startTime }) => startTime)
        .sort()
        .reverse(),
    );
    expect(new Set(all.items.map(({ id }) => id)).size).toBe(8);
    const names = async (query: string) =>
      (await get(`reader/meetings?${query}`)).body.items.map(({ name }: { name: string }) => name);
    expect(await names('status=canceled')).toEqual(['Guest 5', 'Guest 2']);
    // from ≤ startTime < to, whatever the zone they are given in
    expect(await names(`from=${day(2)}&to=${day(4)}`)).toEqual(['Guest 2', 'Guest 1']);
    expect(await names(`from=2031-01-02T11:00:00%2B02:00&to=2031-01-02T09:00:00.000001Z`)).toEqual(['Guest 1']);
    expect(await names(`from=${day(4)}&to=${day(2)}`)).toEqual([]);
    expect(await names('limit=100')).toHaveLength(8);

    const {
      items: [rescheduled],
    } = (await get(`reader/meetings?from=${day(20)}`)).body;
    expect(rescheduled).toMatchObject({
      status: 'active',
      rescheduledFrom: booked[5]!.inviteeUri,
      rescheduledTo: null,
      source: 'webhook',
    });
    expect(Object.keys(rescheduled)).toEqual(
      expect.arrayContaining([
        'id',
        'eventUri',
        'inviteeUri',
        'status',
        'name',
        'email',
        'startTime',
        'endTime',
        'timezone',
        'location',
        'joinUrl',
        'cancelUrl',
        'rescheduleUrl',
        'rescheduledFrom',
        'rescheduledTo',
        'noShow',
        'source',
        'receivedAt',
        'updatedAt',
      ]),
    );
  });

  test.each(['history', 'exchanges', 'deliveries'])(
    '%s is listed newest first, each row once, over any number of pages',
    async (list) => {
      await running.api('POST', `${connectionPath('reader')}/resync`);
      await waitFor(async () => (await view('reader')).state === 'connected');
      const whole = (await get(`reader/${list}?limit=100`)).body.items;
      const { items, sizes } = await pages(`reader/${list}`, 4);
      expect(sizes.slice(0, -1).every((size) => size === 4)).toBe(true);
      expect(items.slice(-whole.length).map(({ id }) => id)).toEqual(whole.map(({ id }: { id: unknown }) => id));
      expect(new Set(items.map(({ id }) => id)).size).toBe(items.length);
      // Deliveries that come at once are listed in the order in which they were stored.
      const order = items.map((item) => item.startedAt ?? item.id);
      expect(order).toEqual(order.toSorted((a, b) => (a < b ? 1 : a > b ? -1 : 0)));
      expect((await get(`reader/${list}`)).body.items.length).toBeLessThanOrEqual(50);
    },
  );
});

describe('all tenants', () => {
  test('tenants are listed by state and text, with counts of all', async () => {
    await running.api('POST', `${connectionPath('waiting-a')}/connect`);
    await running.api('POST', `${connectionPath('waiting_b')}/connect`);
    await running.api('POST', `${connectionPath('left')}/connect`);
    await running.api('DELETE', connectionPath('left'));
    const list = async (query: string) => (await running.api('GET', `/v1/tenants?${query}`)).body;
    const ids = async (query: string) =>
      (await list(query)).items.map(({ tenantId }: { tenantId: string }) => tenantId);
    expect((await list('limit=1')).counts).toMatchObject({
      disconnected: 1,
      authorizing: 2,
      connected: 1,
      error: 0,
      refreshing: 0,
      syncingWebhooks: 0,
    });
    expect(await ids('state=authorizing')).toEqual(['waiting_b', 'waiting-a']);
    expect(await ids('state=authorizing.awaitingConsent')).toEqual(['waiting_b', 'waiting-a']);
    expect(await ids('state=authorizing.exchangingCode')).toEqual([]);
    expect(await ids('q=WAITING_')).toEqual(['waiting_b']);
    expect(await ids('q=%25')).toEqual([]);
    expect(await ids(`q=${encodeURIComponent(running.sandbox.controls.accounts.get('reader').email)}`)).toEqual([
      'reader',
    ]);
    const first = await list('limit=2');
    const second = await list(`limit=2&cursor=${first.nextCursor}`);
    expect([...first.items, ...second.items].map(({ tenantId }) => tenantId)).toEqual([
      'left',
      'waiting_b',
      'waiting-a',
      'reader',
    ]);
    expect(second.nextCursor).toBeNull();
  });
});

describe('operator commands', () => {
  test('operator commands are accepted where they mean something, and refused with what would be', async () => {
    const command = (name: string, tenantId: string) => running.api('POST', `${connectionPath(tenantId)}/${name}`);
    for (const name of ['refresh', 'resync']) {
      expect(await command(name, 'reader')).toMatchObject({
        status: 202,
        body: { connection: { tenantId: 'reader', account: { name: 'Owner of reader' } } },
      });
      await waitFor(async () => (await view('reader')).state === 'connected');
    }
    const before = await view('left');
    for (const name of ['refresh', 'resync', 'retry']) {
      const { status, headers, body } = await command(name, 'left');
      expect({ status, type: headers.get('content-type'), body }).toMatchObject({
        status: 409,
        type: expect.stringContaining('application/problem+json'),
        body: { code: 'event_not_accepted', acceptedEvents: ['connect', 'disconnect', 'import'] },
      });
    }
    expect(await view('left')).toEqual(before);
    expect((await command('retry', 'reader')).body.acceptedEvents).toEqual([
      'connect',
      'disconnect',
      'release',
      'refresh',
      'resync',
    ]);
    const { items } = (await get('left/history')).body;
    expect(items.slice(0, 3)).toMatchObject(Array.from({ length: 3 }, () => ({ kind: 'note', note: 'not accepted' })));
  });
});

describe('routes without a key', () => {
  test('health, metrics, the description of the routes and its page answer without a key and without another host', async () => {
    const plain = (path: string) => request(`${running.url}${path}`, 'GET');
    expect(await plain('/health/live')).toMatchObject({ status: 200, body: { status: 'live' } });
    expect(await plain('/health/ready')).toMatchObject({ status: 200 });
    const metrics = await plain('/metrics');
    expect(metrics.headers.get('content-type')).toContain('text/plain');
    for (const line of [
      /^calendly_tenants\{state="connected"\} \d/m,
      /^calendly_refreshes_last_hour\{outcome="invalid_grant"\} \d/m,
      /^calendly_debts\{age="under_1h"\} \d/m,
      /^calendly_deliveries_total\{verdict="applied"\} \d/m,
      /^calendly_transitions_total\{from="[\w.]+",to="[\w.]+"\} \d/m,
      /^calendly_booking_to_visible_seconds_count \d/m,
    ])
      expect(metrics.body).toMatch(line);
    expect(metrics.body).not.toMatch(/reader|api\.calendly/);
    const { body: openapi } = await plain('/openapi.json');
    for (const path of [
      '/v1/tenants/{tenantId}/connection/connect',
      '/v1/tenants/{tenantId}/access-token',
      '/oauth/callback',
      '/webhooks/calendly/{subscriptionId}',
    ]) {
      expect(Object.keys(openapi.paths)).toContain(path);
    }
    const docs = await fetch(`${running.url}/docs`);
    const page = await docs.text();
    for (const path of Object.keys(openapi.paths)) expect(page).toContain(path);
    expect(page).not.toMatch(/<script|https?:\/\/|<link/);
    expect(docs.headers.get('content-security-policy')).toMatch(
      /^default-src 'none'; style-src 'sha256-.*frame-ancestors 'none'/,
    );
    expect(docs.headers.get('x-frame-options')).toBe('DENY');
    for (const path of ['/v1/tenants', '/v1/tenants/nobody/meetings', '/v1/events'])
      expect((await running.api('GET', path)).headers.get('cache-control'), path).toBe('no-store');
  });
});
