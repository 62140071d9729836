import { glob, readFile } from 'node:fs/promises';
import { request } from 'node:http';
import { describe, expect, test } from 'vitest';
import { defaultSwitches } from '../../../src/sandbox/index.ts';
import { connect, receiverForTest, sandboxForTest } from '../../support/calendly/sandbox-for-test.ts';

async function controlled() {
  const sandbox = await sandboxForTest();
  const ask = async (method: string, path: string, json?: unknown) => {
    const response = await fetch(`${sandbox.url}/sandbox${path}`, {
      method,
      ...(json !== undefined && { headers: { 'content-type': 'application/json' }, body: JSON.stringify(json) }),
    });
    const text = await response.text();
    return { status: response.status, body: (text ? JSON.parse(text) : undefined) as any };
  };
  return { ...sandbox, ask };
}

describe('controls over HTTP', () => {
  test('another process can do over HTTP what a test does in its own', async () => {
    const { url, controls, ask } = await controlled();
    const receiver = await receiverForTest();
    const added = await ask('POST', '/accounts', { slug: 'erin', name: 'Erin Example', organizationOf: 'bob' });
    expect([added.status, added.body]).toMatchObject([
      201,
      { slug: 'erin', role: 'user', organization: controls.accounts.get('bob').organization },
    ]);
    expect((await ask('PATCH', '/accounts/erin', { role: 'admin' })).body.role).toBe('admin');
    const hook = (await ask('POST', '/subscriptions', { account: 'erin', url: receiver.url })).body;
    const booked = await ask('POST', '/bookings', {
      account: 'erin',
      name: 'Kim',
      email: 'kim@guest.example',
      startTime: '2027-01-02T10:00:00Z',
    });
    expect([booked.status, booked.body.startTime]).toEqual([201, '2027-01-02T10:00:00.000000Z']);
    const moved = await ask('POST', '/reschedulings', {
      invitee: booked.body.inviteeUri,
      startTime: '2027-01-03T10:00:00Z',
    });
    await ask('POST', '/no-shows', { invitee: moved.body.inviteeUri });
    expect((await ask('POST', '/no-shows/delete', { invitee: moved.body.inviteeUri })).status).toBe(204);
    await ask('POST', '/locations', { event: moved.body.eventUri, location: { type: 'physical', location: 'Room 1' } });
    expect((await ask('POST', '/cancellations', { event: moved.body.eventUri, reason: 'Ill' })).status).toBe(204);
    await controls.deliveries.idle();
    const deliveries = (await ask('GET', '/deliveries?status=delivered')).body.items;
    expect(deliveries.map(({ event }: any) => event).sort()).toEqual([
      'invitee.canceled',
      'invitee.canceled',
      'invitee.created',
      'invitee.created',
    ]);
    expect((await ask('POST', `/deliveries/${deliveries[0].id}/redeliver`)).status).toBe(204);
    expect(receiver.received).toHaveLength(5);
    expect((await ask('GET', '/meetings?account=erin')).body.items).toMatchObject([
      { status: 'canceled', rescheduledTo: moved.body.inviteeUri },
      { status: 'canceled', location: { location: 'Room 1' } },
    ]);
    await ask('POST', `/subscriptions/${hook.uri.split('/').at(-1)}/disable`);
    expect((await ask('GET', '/subscriptions?account=erin')).body.items).toMatchObject([{ state: 'disabled' }]);
    expect((await ask('DELETE', `/subscriptions/${hook.uri.split('/').at(-1)}`)).status).toBe(204);
    expect((await ask('GET', '/subscriptions?includeDeleted=true')).body.items).toHaveLength(1);
    await connect(url, 'erin');
    await ask('POST', '/accounts/erin/revoke-login');
    expect((await ask('GET', '/tokens?account=erin')).body).toMatchObject({
      liveAccessTokens: 0,
      liveRefreshTokens: 0,
    });
  });

  test('faults, switches, delivery settings, calls and the clock are reached over HTTP', async () => {
    const { url, ask } = await controlled();
    const { id } = (await ask('POST', '/faults', { path: '/users/me', kind: 'respond', status: 418, times: 'forever' }))
      .body;
    expect((await fetch(`${url}/users/me`)).status).toBe(418);
    expect((await ask('GET', '/faults')).body.items).toMatchObject([{ id, hits: 1 }]);
    expect((await ask('DELETE', `/faults/${id}`)).status).toBe(204);
    expect((await ask('DELETE', `/faults/${id}`)).status).toBe(404);
    expect((await ask('GET', '/calls')).body.items).toMatchObject([{ path: '/users/me', status: 418, fault: id }]);
    await ask('DELETE', '/calls');
    expect((await ask('GET', '/calls')).body.items).toEqual([]);
    expect((await ask('PATCH', '/switches', { conflictKey: 'url+scope' })).body.conflictKey).toBe('url+scope');
    expect((await ask('DELETE', '/switches')).body).toEqual(defaultSwitches);
    expect((await ask('POST', '/deliveries/pause')).body.paused).toBe(true);
    expect((await ask('POST', '/deliveries/resume?order=newest-first')).body.paused).toBe(false);
    expect((await ask('PATCH', '/deliveries/settings', { dropNext: 2 })).body.dropNext).toBe(2);
    const before = Date.parse((await ask('GET', '/clock')).body.now);
    const { now } = (await ask('POST', '/clock', { advanceSeconds: 60 })).body;
    expect(Date.parse(now) - before).toBeGreaterThanOrEqual(60_000);
  });

  test.each([
    ['PATCH', '/switches', { conflictKeys: 'url' }, 400, 'There is no switch "conflictKeys".'],
    ['PATCH', '/switches', { refreshReuseStatus: 200 }, 400, 'Switch "refreshReuseStatus" cannot be 200.'],
    ['PATCH', '/switches', { autoConsent: 'nobody' }, 404, 'There is no account "nobody".'],
    [
      'POST',
      '/bookings',
      { account: 'nobody', name: 'K', email: 'k@guest.example' },
      404,
      'There is no account "nobody".',
    ],
    [
      'POST',
      '/bookings',
      { account: 'bob', name: 'K', email: 'k@guest.example', startTime: 'soon' },
      400,
      '"soon" is not a time.',
    ],
    ['POST', '/bookings', { account: 'bob' }, 400, 'A booking needs a name and an email.'],
    ['POST', '/cancellations', {}, 400, 'Name an invitee or an event.'],
    ['POST', '/reschedulings', { invitee: 'nobody' }, 404, 'There is no invitee "nobody".'],
    ['POST', '/accounts', { slug: 'bob', name: 'Another Bob' }, 409, 'The account "bob" exists already.'],
    ['PATCH', '/deliveries/settings', { dropNext: 'all' }, 400, 'Delivery setting "dropNext" cannot be "all".'],
    ['POST', '/clock', { advanceSeconds: -1 }, 400, 'The clock goes forward only.'],
    ['POST', '/faults', [], 400, 'Send a JSON object.'],
  ])('%s /sandbox%s with %j is %i: %s', async (method, path, json, status, error) => {
    const { ask } = await controlled();
    expect(await ask(method, path, json)).toEqual({ status, body: { error } });
  });
});

describe('the sandbox as a whole', () => {
  test('docs/sandbox.md names every control route and every switch', async () => {
    const { ask } = await controlled();
    const docs = await readFile(new URL('../../../docs/sandbox.md', import.meta.url), 'utf8');
    const { routes } = (await ask('GET', '')).body as { routes: string[] };
    expect(routes.length).toBeGreaterThan(30);
    expect(routes.filter((route) => !docs.includes(`\`${route}\``))).toEqual([]);
    expect(Object.keys(defaultSwitches).filter((name) => !docs.includes(`\`${name}\``))).toEqual([]);
  });

  test('the sandbox imports nothing from the rest of src', async () => {
    const root = new URL('../../../src/sandbox/', import.meta.url);
    const strays: string[] = [];
    for await (const file of glob('**/*.ts', { cwd: root })) {
      const depth = file.split('/').length;
      const text = await readFile(new URL(file, root), 'utf8');
      for (const [, target] of text.matchAll(/from '(\.[^']+)'/g)) {
        if (target!.split('../').length > depth) strays.push(`${file}: ${target}`);
      }
    }
    expect(strays).toEqual([]);
  });

  test('neither a name that was made to lead here nor a form of another site is answered', async () => {
    const { url } = await controlled();
    const { port } = new URL(url);
    const statusOf = (host: string, path = '/', method = 'GET', more = {}) =>
      new Promise<number>((resolve, reject) => {
        request({ host: '127.0.0.1', port, path, method, headers: { host, ...more } }, (answer) => {
          answer.resume();
          resolve(answer.statusCode!);
        })
          .on('error', reject)
          .end();
      });
    for (const path of ['/', '/sandbox/accounts', '/users/me', '/oauth/authorize'])
      expect(await statusOf(`evil.example:${port}`, path), path).toBe(421);
    for (const host of [`127.0.0.1:${port}`, `localhost:${port}`, `[::1]:${port}`, 'sandbox', 'calendly.localhost'])
      expect(await statusOf(host), host).toBe(200);
    const foreign = { 'sec-fetch-site': 'cross-site' };
    expect(await statusOf(`127.0.0.1:${port}`, '/sandbox/accounts/alice/revoke', 'POST', foreign)).toBe(403);
  });
});
