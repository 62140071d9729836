import { describe, expect, test } from 'vitest';
import { connectionPath } from '../../support/service/connect-tenant.ts';
import { waitFor } from '../../support/service/wait-for.ts';
import {
  connected,
  meetings,
  moveClock,
  of,
  outgoing,
  quiet,
  receiver,
  running,
  servePosts,
  told,
} from './posting-service.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

servePosts();

describe('a host that does not take its events', () => {
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
    moveClock(MINUTE);
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
    moveClock(71 * HOUR);
    await waitFor(() => tries() === 2);
    await waitFor(async () =>
      (await outgoing(`tenantId=${tenantId}&status=waiting`)).some(
        (item: any) => item.attempts === 2 && item.lastError.code === 'redirected',
      ),
    );
    expect(of(tenantId, 'meeting')).toEqual([]);
    moveClock(73 * HOUR);
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
