import { randomBytes } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { connectionPath } from '../../support/service/connect-tenant.ts';
import { waitFor } from '../../support/service/wait-for.ts';
import {
  connected,
  meetings,
  moveClock,
  of,
  oldSecret,
  quiet,
  receiver,
  running,
  servePosts,
  told,
  toldTimes,
} from './posting-service.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

servePosts();

describe('events posted to the host', () => {
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
    moveClock(HOUR);
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
      moveClock(2 * MINUTE);
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
      moveClock(61_000);
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

  test('marks what a back-fill brings, and tells it like any other', async () => {
    const { tenantId, book } = await connected();
    running.sandbox.controls.deliveries.dropNext(1);
    book('Missed');
    await running.api('POST', `${connectionPath(tenantId)}/resync`);
    const [event] = await told(tenantId, 'meeting.created');
    expect(event.data).toMatchObject({ name: 'Missed', source: 'backfill', changeSource: 'backfill' });
  });
});
