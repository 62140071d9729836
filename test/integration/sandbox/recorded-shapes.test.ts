import { describe, expect, test } from 'vitest';
import {
  api,
  app,
  codeFor,
  connect,
  postToken,
  receiverForTest,
  redirectUri,
  refresh,
  sandboxForTest,
} from '../../support/calendly/sandbox-for-test.ts';

const guest = { account: 'alice', name: 'Gina Guest', email: 'gina@guest.example' };
const pathOf = (uri: string) => new URL(uri).pathname;

describe('a booking', () => {
  test('without a place has a custom location of null, in the API and in deliveries', async () => {
    const { url, controls } = await sandboxForTest();
    const receiver = await receiverForTest();
    controls.createSubscription({ account: 'alice', url: receiver.url, events: ['invitee.created'] });
    const tokens = await connect(url, 'alice');
    const { eventUri } = controls.book({ ...guest, location: null });
    const nowhere = { location: null, type: 'custom' };
    expect((await api(url, tokens, 'GET', pathOf(eventUri))).body.resource.location).toEqual(nowhere);
    await controls.deliveries.idle();
    expect(receiver.received[0]!.body.payload.scheduled_event.location).toEqual(nowhere);
    expect(controls.meetings('alice')[0]!.location).toEqual(nowhere);
  });

  test("on Zoom has a number for the meeting's id, and the recorded type", async () => {
    const { url, controls } = await sandboxForTest();
    const tokens = await connect(url, 'alice');
    const { eventUri } = controls.book({ ...guest, location: { type: 'zoom' } });
    expect((await api(url, tokens, 'GET', pathOf(eventUri))).body.resource.location).toMatchObject({
      data: { id: expect.any(Number) },
      status: 'pushed',
      type: 'zoom',
    });
  });

  test('keeps its entry in the calendar when it is rescheduled; the calendar may be Outlook', async () => {
    const { url, controls } = await sandboxForTest();
    for (const [account, kind] of [
      ['alice', 'google'],
      ['bob', 'outlook'],
    ] as const) {
      const tokens = await connect(url, account);
      const entry = async (uri: string) => (await api(url, tokens, 'GET', pathOf(uri))).body.resource.calendar_event;
      const first = controls.book({ ...guest, account });
      const moved = controls.reschedule({ invitee: first.inviteeUri });
      const other = controls.book({ ...guest, account });
      expect(await entry(first.eventUri)).toMatchObject({ kind, external_id: expect.any(String) });
      expect(await entry(moved.eventUri)).toEqual(await entry(first.eventUri));
      expect(await entry(other.eventUri)).not.toEqual(await entry(first.eventUri));
    }
  });

  test('of older days has ids of sixteen capital letters and digits', async () => {
    const { url, controls } = await sandboxForTest({ switches: { legacyIds: true } });
    const tokens = await connect(url, 'alice');
    const old = controls.book(guest);
    controls.switches.set({ legacyIds: false });
    const { uri } = controls.markNoShow(old.inviteeUri);
    expect(old.inviteeUri).toMatch(/\/scheduled_events\/[A-Z0-9]{16}\/invitees\/[A-Z0-9]{16}$/);
    expect((await api(url, tokens, 'GET', pathOf(old.inviteeUri))).body.resource.no_show.uri).toBe(uri);
  });

  test.each([[false], [true]])(
    'that is marked as a no-show has both its times as they were: noShowTouchesInvitee %s',
    async (touches) => {
      const { controls, url } = await sandboxForTest({ switches: { noShowTouchesInvitee: touches } });
      const tokens = await connect(url, 'alice');
      const { inviteeUri, eventUri } = controls.book({ ...guest, location: null });
      const times = async () => [
        (await api(url, tokens, 'GET', pathOf(inviteeUri))).body.resource.updated_at,
        (await api(url, tokens, 'GET', pathOf(eventUri))).body.resource.updated_at,
      ];
      const before = await times();
      controls.markNoShow(inviteeUri);
      controls.unmarkNoShow(inviteeUri);
      expect((await times())[0] === before[0]).toBe(!touches);
      expect((await times())[1]).toBe(before[1]);
    },
  );
});

test('event types have description_html and no kind_description', async () => {
  const { url } = await sandboxForTest();
  const tokens = await connect(url, 'alice', 'event_types:read');
  const { body } = await api(url, tokens, 'GET', `/event_types?user=${tokens.owner}`);
  expect(Object.keys(body.collection[0])).toContain('description_html');
  expect(Object.keys(body.collection[0])).not.toContain('kind_description');
});

describe('POST /invitees', () => {
  const ordered = (eventType: string, hour: number, more: object = {}) => ({
    event_type: eventType,
    start_time: new Date(Date.UTC(2027, 4, 4, hour)).toISOString(),
    invitee: { name: 'Ivo', email: 'ivo@guest.example', timezone: 'Europe/Paris', ...more },
  });
  const booker = async (account: string, switches = {}) => {
    const sandbox = await sandboxForTest({ switches });
    const tokens = await connect(sandbox.url, account, 'event_types:read scheduled_events:write');
    const types = await api(sandbox.url, tokens, 'GET', `/event_types?user=${tokens.owner}`);
    const post = (hour: number, more?: object) =>
      api(sandbox.url, tokens, 'POST', '/invitees', ordered(types.body.collection[0].uri, hour, more));
    return { ...sandbox, post };
  };

  test('books on the free plan too, with the invitee inside the resource and both names kept', async () => {
    const { post } = await booker('carol');
    const made = await post(9, { name: undefined, first_name: 'Ivo', last_name: 'Example' });
    expect(made.status).toBe(201);
    expect(Object.keys(made.body.resource)).toEqual(['invitee']);
    expect(made.body.resource.invitee).toMatchObject({ first_name: 'Ivo', last_name: 'Example', name: 'Ivo Example' });
  });

  test.each([
    ['carol', 5, 86_400],
    ['alice', 10, 60],
  ])('of %s is limited to %i in %i seconds', async (account, most, seconds) => {
    const { post, controls } = await booker(account, { accessTokenSeconds: 1_000_000 });
    for (let hour = 0; hour < most; hour += 1) expect((await post(hour)).status).toBe(201);
    const refused = await post(most);
    expect([refused.status, refused.headers.get('x-ratelimit-limit')]).toEqual([429, String(most)]);
    expect(Number(refused.headers.get('x-ratelimit-reset'))).toBeLessThanOrEqual(seconds);
    controls.clock.advance(seconds + 1);
    expect((await post(most)).status).toBe(201);
  });

  test('has no limit of its own with the switch off', async () => {
    const { post } = await booker('alice', { inviteeCreationLimits: null });
    for (let hour = 0; hour < 12; hour += 1) expect((await post(hour)).status).toBe(201);
  });
});

test("sample data is the account's latest booking, at a time with microseconds, and changes nothing", async () => {
  const { url, controls } = await sandboxForTest();
  const tokens = await connect(url, 'alice');
  const sample = async (event: string) =>
    (
      await api(
        url,
        tokens,
        'GET',
        `/sample_webhook_data?event=${event}&organization=${tokens.organization}&scope=user&user=${tokens.owner}`,
      )
    ).body;
  expect((await sample('invitee.created')).payload.email).toBe('sam@sample.example');
  controls.book(guest);
  const { inviteeUri } = controls.book({ ...guest, name: 'The Latest' });
  controls.book({ ...guest, account: 'dave' });
  const times = new Set<string>();
  for (const event of ['invitee.created', 'invitee.canceled', 'invitee_no_show.created', 'invitee_no_show.deleted']) {
    const { created_at: at, payload } = await sample(event);
    times.add(at);
    expect([event, payload.uri, payload.status]).toEqual([
      event,
      inviteeUri,
      event === 'invitee.canceled' ? 'canceled' : 'active',
    ]);
    expect([event, payload.no_show !== null]).toEqual([event, event === 'invitee_no_show.created']);
  }
  expect([...times].every((at) => at.endsWith('000Z'))).toBe(false);
  expect(controls.meetings('alice').every(({ status, noShow }) => status === 'active' && noShow === null)).toBe(true);
  const { payload } = await sample('routing_form_submission.created');
  expect(payload.result).toMatchObject({ type: 'custom_message', value: { headline: expect.any(String) } });
});

describe('errors of the token endpoint', () => {
  test('carry the same error as a challenge, unless the switch is off', async () => {
    const { url, controls } = await sandboxForTest();
    const { refresh_token: token } = await connect(url, 'alice');
    await refresh(url, token);
    const reused = await refresh(url, token);
    expect(reused.status).toBe(400);
    expect(reused.headers.get('www-authenticate')).toMatch(
      /^Bearer realm="Doorkeeper", error="invalid_grant", error_description="The provided/,
    );
    const stranger = await postToken(url, {
      grant_type: 'refresh_token',
      refresh_token: token,
      client_secret: 'wrong',
    });
    expect([stranger.status, stranger.headers.get('www-authenticate')]).toEqual([
      401,
      expect.stringContaining('error="invalid_client"'),
    ]);
    controls.switches.set({ tokenErrorChallenge: false });
    expect((await refresh(url, token)).headers.get('www-authenticate')).toBeNull();
  });

  test('are spared those who are served', async () => {
    const { url } = await sandboxForTest();
    const code = await codeFor(url, 'alice');
    const served = await postToken(url, { grant_type: 'authorization_code', code, redirect_uri: redirectUri });
    expect([served.status, served.headers.get('www-authenticate')]).toEqual([200, null]);
  });
});

describe('Cloudflare, in front of Calendly,', () => {
  test('refuses some user agents with a text, before any work, but no browser at the consent page', async () => {
    const { url, controls } = await sandboxForTest({ switches: { refusedUserAgents: ['Python-urllib'] } });
    const agent = { 'user-agent': 'python-urllib/3.12' };
    const { refresh_token: token } = await connect(url, 'alice');
    for (const [method, path] of [
      ['GET', '/users/me'],
      ['POST', '/oauth/token'],
      ['POST', '/oauth/revoke'],
    ] as const) {
      const refused = await fetch(`${url}${path}`, { method, headers: agent });
      expect([path, refused.status, await refused.text()]).toEqual([path, 403, 'error code: 1010']);
      expect(refused.headers.get('content-type')).toContain('text/plain');
      expect(refused.headers.get('x-ratelimit-limit')).toBeNull();
    }
    expect((await fetch(`${url}/oauth/authorize?client_id=${app.clientId}`, { headers: agent })).status).not.toBe(403);
    expect((await fetch(`${url}/sandbox/switches`, { headers: agent })).status).toBe(200);
    expect((await refresh(url, token)).status).toBe(200);
    expect(controls.calls().filter(({ userAgent }) => userAgent === agent['user-agent'])).toHaveLength(4);
  });

  test('refuses as a fault too', async () => {
    const { url, controls } = await sandboxForTest();
    controls.faults.add({ path: '/users/me', kind: 'blocked' });
    const refused = await fetch(`${url}/users/me`);
    expect([refused.status, await refused.text()]).toEqual([403, 'error code: 1010']);
  });
});
