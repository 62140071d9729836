import { randomBytes } from 'node:crypto';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { connectTenant, connectionPath } from '../../support/service/connect-tenant.ts';
import { startTestService, type TestService } from '../../support/service/start-test-service.ts';
import { waitFor } from '../../support/service/wait-for.ts';
import { startReceiver, type Receiver } from '../../support/service/start-receiver.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const oldSecret = `whsec_${randomBytes(32).toString('base64')}`;

describe('events posted to the host', () => {
  let running: TestService;
  let receiver: Receiver;
  let ahead = 0;
  let tenants = 0;
  beforeAll(async () => {
    receiver = await startReceiver();
    const env = { EVENTS_URL: receiver.url, EVENTS_SECRET: `${receiver.secret},${oldSecret}` };
    running = await startTestService({ env, now: () => new Date(Date.now() + ahead) });
  });
  afterAll(async () => {
    await running.stop();
    await receiver.close();
  });
  afterEach(() => {
    receiver.answerWith(() => 204);
    receiver.letGo();
    ahead = 0;
  });

  /** A tenant of its own with an account of its own, connected. */
  async function connected() {
    const slug = `host-${tenants++}`;
    running.sandbox.controls.accounts.add({ slug, name: slug });
    await connectTenant(running, slug, slug);
    await toldTimes(slug, 'connection.state_changed', (event) => event.data.state === 'connected', 1);
    return {
      tenantId: slug,
      account: slug,
      book: (name: string, more: object = {}) =>
        running.sandbox.controls.book({ account: slug, name, email: `${name}@guest.example`, ...more }),
    };
  }
  const of = (tenantId: string, type = '') =>
    receiver.taken((event) => event.tenantId === tenantId && event.type.startsWith(type));
  const toldTimes = (tenantId: string, type: string, filter: (event: any) => boolean, times: number) =>
    waitFor(
      () => {
        const found = of(tenantId, type).filter(filter);
        return found.length >= times ? found : undefined;
      },
      { describe: `${times} ${type} of ${tenantId}`, timeoutMs: 10_000 },
    );
  const told = (tenantId: string, type: string, times = 1) => toldTimes(tenantId, type, () => true, times);
  const meetings = async (tenantId: string) =>
    (await running.api('GET', `/v1/tenants/${tenantId}/meetings`)).body.items;
  const outgoing = async (query: string) => (await running.api('GET', `/v1/events/outgoing?${query}`)).body.items;
  /** Everything recorded so far has had its way out: nothing waits, nothing is held. */
  const quiet = (tenantId: string) =>
    waitFor(
      async () => {
        const items = await outgoing(`tenantId=${tenantId}&limit=100`);
        return items.every((item: any) => item.status === 'sent') && items;
      },
      { describe: 'everything sent', timeoutMs: 10_000 },
    );

  test('signs a booking as the library verifies, with the meeting as it is shown, once for any number of copies', async () => {
    const { tenantId, book } = await connected();
    running.sandbox.controls.deliveries.configure({ duplicate: true });
    book('Gina');
    const [event] = await told(tenantId, 'meeting.created');
    await running.sandbox.controls.deliveries.idle();
    running.sandbox.controls.deliveries.configure({ duplicate: false });
    const [meeting] = await meetings(tenantId);
    expect(event).toEqual({
      id: expect.stringMatching(/^[0-9a-f-]{36}$/),
      type: 'meeting.created',
      timestamp: expect.stringMatching(/Z$/),
      tenantId,
      // Of two copies in the same moment the later one may be told, and the earlier one stay in the record.
      data: {
        ...meeting,
        receivedAt: expect.any(String),
        changeSource: 'webhook',
        accountUri: expect.stringContaining('/users/'),
      },
    });
    await quiet(tenantId);
    expect(of(tenantId, 'meeting')).toHaveLength(1);

    const request = receiver.received.find((received) => received.event.id === event.id)!;
    expect(request.headers).toMatchObject({ 'webhook-id': event.id, 'content-type': 'application/json' });
    expect(receiver.verify(request)).toEqual(event);
    expect(receiver.verify(request, oldSecret)).toEqual(event);
    expect(() => receiver.verify(request, `whsec_${randomBytes(32).toString('base64')}`)).toThrow(
      'No matching signature',
    );
    expect(() => receiver.verify({ ...request, raw: request.raw.replace('Gina', 'Mona') })).toThrow(
      'No matching signature',
    );
  });

  test('tells each step of connecting and disconnecting, and sends what is queued after the disconnect', async () => {
    const { tenantId, book } = await connected();
    receiver.answerWith(() => 503);
    book('Late');
    await waitFor(async () => (await meetings(tenantId)).length === 1);
    expect(await running.api('DELETE', connectionPath(tenantId))).toMatchObject({ status: 200, body: { debts: [] } });
    receiver.answerWith(() => 204);
    ahead = HOUR;
    await toldTimes(
      tenantId,
      'connection.state_changed',
      (event) => event.data.state === 'disconnected' && event.data.substate === 'idle',
      1,
    );
    await told(tenantId, 'meeting.created');
    const steps = of(tenantId, 'connection').map(({ data }) => data);
    expect(steps.map(({ state }) => state)).toEqual([
      'authorizing',
      'authorizing',
      'syncingWebhooks',
      'connected',
      'disconnected',
      'disconnected',
    ]);
    for (const [index, { previous }] of steps.slice(1).entries()) expect(previous.state).toBe(steps[index].state);
    expect(steps[0]).toMatchObject({
      substate: 'awaitingConsent',
      previous: { state: 'disconnected', substate: 'idle' },
      account: null,
    });
    const connectedEvent = of(tenantId, 'connection').find(({ data }) => data.state === 'connected');
    expect(connectedEvent.data).toMatchObject({
      substate: 'webhooks',
      delivery: 'webhooks',
      lastError: null,
      account: { uri: expect.stringContaining('/users/') },
    });
  });

  test('says nothing of a routine refresh, and says so when it fails', async () => {
    const { tenantId } = await connected();
    await quiet(tenantId);
    const before = of(tenantId).length;
    const version = (await running.api('GET', connectionPath(tenantId))).body.version;
    expect((await running.api('POST', `${connectionPath(tenantId)}/refresh`)).status).toBe(202);
    await waitFor(async () => {
      const { body } = await running.api('GET', connectionPath(tenantId));
      return body.version >= version + 2 && body.state === 'connected';
    });
    running.sandbox.controls.accounts.revokeLogin(tenantId);
    await running.api('POST', `${connectionPath(tenantId)}/refresh`);
    const [failed] = await toldTimes(tenantId, 'connection', (event) => event.data.state === 'error', 1);
    expect(failed.data).toMatchObject({
      substate: 'needsReauthorization',
      previous: { state: 'connected', substate: 'webhooks' },
      lastError: { code: expect.any(String) },
    });
    expect(of(tenantId)).toHaveLength(before + 1);
  });

  for (const order of ['oldest-first', 'newest-first'] as const) {
    test(`makes one meeting.rescheduled of its two deliveries, ${order}`, async () => {
      const { tenantId, book } = await connected();
      const former = book('Mover');
      await told(tenantId, 'meeting.created');
      running.sandbox.controls.deliveries.pause();
      const moved = running.sandbox.controls.reschedule({ invitee: former.inviteeUri });
      await running.sandbox.controls.deliveries.resume(order);
      const [event] = await told(tenantId, 'meeting.rescheduled');
      expect(event.data).toMatchObject({
        inviteeUri: moved.inviteeUri,
        status: 'active',
        rescheduledFrom: former.inviteeUri,
        previous: { inviteeUri: former.inviteeUri, status: 'canceled' },
      });
      ahead = 2 * MINUTE;
      await quiet(tenantId);
      expect(of(tenantId, 'meeting').map(({ type }) => type)).toEqual(['meeting.created', 'meeting.rescheduled']);
    });
  }

  test.each([
    { kept: 'invitee.canceled', type: 'meeting.canceled', status: 'canceled', late: 'meeting.created' },
    { kept: 'invitee.created', type: 'meeting.created', status: 'active', late: 'meeting.canceled' },
  ])(
    'tells the half of a reschedule that came alone as $type when the window is over, and the late half too',
    async ({ kept, type, status, late }) => {
      const { tenantId, book } = await connected();
      const { deliveries, reschedule } = running.sandbox.controls;
      const former = book('Halved');
      await told(tenantId, 'meeting.created');
      deliveries.pause();
      reschedule({ invitee: former.inviteeUri });
      const halves = deliveries.list({ status: 'pending' });
      await deliveries.redeliver(halves.find(({ event }) => event === kept)!.id);
      expect(of(tenantId, 'meeting')).toHaveLength(1);
      ahead = 61_000;
      await waitFor(() => of(tenantId, 'meeting').length === 2);
      expect(of(tenantId, 'meeting')[1]).toMatchObject({ type, data: { status } });
      await deliveries.redeliver(halves.find(({ event }) => event !== kept)!.id);
      await deliveries.resume();
      await waitFor(() => of(tenantId, 'meeting').length === 3);
      expect(of(tenantId, 'meeting')[2]).toMatchObject({ type: late });
    },
  );

  test('tells a canceled group event to each of its meetings once, and no-shows and changes as what they are', async () => {
    const { tenantId, book } = await connected();
    const first = book('Ann', { inviteesLimit: 3 });
    book('Ben', { group: first.eventUri });
    await told(tenantId, 'meeting.created', 2);
    // Else a booking, a no-show and its removal within two seconds cannot be put in order.
    running.sandbox.controls.switches.set({ noShowTouchesInvitee: true });
    running.sandbox.controls.markNoShow(first.inviteeUri);
    expect((await told(tenantId, 'meeting.no_show'))[0].data).toMatchObject({ name: 'Ann', noShow: true });
    running.sandbox.controls.unmarkNoShow(first.inviteeUri);
    expect((await told(tenantId, 'meeting.updated'))[0].data).toMatchObject({
      name: 'Ann',
      noShow: false,
      previous: { noShow: true },
    });
    running.sandbox.controls.cancel({ event: first.eventUri });
    await told(tenantId, 'meeting.canceled', 2);
    await running.sandbox.controls.deliveries.idle();
    await quiet(tenantId);
    expect(
      of(tenantId, 'meeting.canceled')
        .map(({ data }) => data.name)
        .sort(),
    ).toEqual(['Ann', 'Ben']);
  });

  test('holds back what follows a refused event of the same meeting, and nothing else, until the retry', async () => {
    const { tenantId, book } = await connected();
    receiver.answerWith((event) => (event.data.name === 'Held' && event.type === 'meeting.created' ? 500 : 204));
    const held = book('Held');
    await waitFor(() => receiver.received.some(({ status, event }) => status === 500 && event.data.name === 'Held'));
    running.sandbox.controls.cancel({ invitee: held.inviteeUri });
    book('Free');
    await told(tenantId, 'meeting.created');
    const waiting = await waitFor(async () => {
      const items = await outgoing(`tenantId=${tenantId}&status=waiting`);
      return items.length === 2 && items;
    });
    expect(waiting).toMatchObject([
      { event: { type: 'meeting.canceled' }, attempts: 0, firstAttemptAt: null },
      { event: { type: 'meeting.created' }, attempts: 1, lastError: { code: 'refused', status: 500 } },
    ]);
    receiver.answerWith(() => 204);
    ahead = MINUTE;
    await told(tenantId, 'meeting.canceled');
    expect(of(tenantId, 'meeting').map(({ type, data }) => [type, data.name])).toEqual([
      ['meeting.created', 'Free'],
      ['meeting.created', 'Held'],
      ['meeting.canceled', 'Held'],
    ]);
    const tries = receiver.received.filter(
      ({ event }) => event.data.name === 'Held' && event.type === 'meeting.created',
    );
    expect(new Set(tries.map(({ headers }) => headers['webhook-id'])).size).toBe(1);
    expect(tries[1]!.raw).toBe(tries[0]!.raw);
  });

  test('parks after 72 hours of refusals, lets the next one go, and sends it again when an operator says so', async () => {
    const { tenantId, book } = await connected();
    receiver.answerWith((event) => (event.data.name === 'Parked' && event.type === 'meeting.created' ? 302 : 204));
    const parked = book('Parked');
    const tries = () =>
      receiver.received.filter(({ event }) => event.data.name === 'Parked' && event.type === 'meeting.created').length;
    await waitFor(() => tries() === 1);
    running.sandbox.controls.cancel({ invitee: parked.inviteeUri });
    await waitFor(async () => (await meetings(tenantId))[0].status === 'canceled');
    ahead = 71 * HOUR;
    await waitFor(() => tries() === 2);
    await waitFor(async () =>
      (await outgoing(`tenantId=${tenantId}&status=waiting`)).some(
        (item: any) => item.attempts === 2 && item.lastError.code === 'redirected',
      ),
    );
    expect(of(tenantId, 'meeting')).toEqual([]);
    ahead = 73 * HOUR;
    await told(tenantId, 'meeting.canceled');
    const [item] = await outgoing(`tenantId=${tenantId}&status=parked`);
    expect((await running.api('GET', '/metrics')).body).toMatch(/^calendly_host_events\{status="parked"\} 1$/m);
    expect(item).toMatchObject({
      event: { type: 'meeting.created', tenantId },
      attempts: 3,
      nextAttemptAt: null,
      lastError: { status: 302 },
    });

    receiver.answerWith(() => 204);
    expect(await running.api('POST', `/v1/events/${item.event.id}/resend`)).toMatchObject({
      status: 202,
      body: { resent: 1 },
    });
    expect((await told(tenantId, 'meeting.created'))[0].id).toBe(item.event.id);
    expect(await quiet(tenantId)).toHaveLength((await outgoing(`tenantId=${tenantId}&limit=100`)).length);
    expect(await running.api('POST', '/v1/events/resend-parked')).toMatchObject({ status: 202, body: { resent: 0 } });
    expect((await running.api('POST', '/v1/events/00000000-0000-4000-8000-000000000000/resend')).body.code).toBe(
      'not_found',
    );
    expect((await running.api('POST', '/v1/events/nonsense/resend')).status).toBe(400);
  });

  test('marks what a back-fill brings, and tells it like any other', async () => {
    const { tenantId, book } = await connected();
    running.sandbox.controls.deliveries.dropNext(1);
    book('Missed');
    await running.api('POST', `${connectionPath(tenantId)}/resync`);
    const [event] = await told(tenantId, 'meeting.created');
    expect(event.data).toMatchObject({ name: 'Missed', source: 'backfill', changeSource: 'backfill' });
  });

  test('keeps deliveries and the machine going while the host hangs for every event', async () => {
    const { tenantId, book } = await connected();
    receiver.answerWith(() => 'hang');
    for (let n = 0; n < 12; n++) book(`Slow ${n}`);
    await waitFor(async () => (await meetings(tenantId)).length === 12, {
      describe: 'all twelve meetings',
      timeoutMs: 15_000,
    });
    const { body } = await running.api('POST', `${connectionPath(tenantId)}/connect`);
    expect(body).toMatchObject({ authorizeUrl: null, connection: { state: 'connected' } });
    const hanging = () =>
      receiver.received.filter(({ status, event }) => status === 0 && event.tenantId === tenantId).length;
    // Posting looks four times a second: meetings and the connection may well have been quicker.
    await waitFor(() => hanging() > 0, { describe: 'a post that hangs' });
    expect(hanging()).toBeLessThanOrEqual(4);
    receiver.answerWith(() => 204);
    receiver.letGo();
    const created = () =>
      receiver.received
        .filter(({ event }) => event.tenantId === tenantId && event.type === 'meeting.created')
        .map(({ event }) => event.id);
    await waitFor(() => new Set(created()).size === 12, { describe: 'all told', timeoutMs: 15_000 });
    expect(created()).toHaveLength(12);
  });
});
