import { describe, expect, test } from 'vitest';
import type { Switches } from '../../../src/sandbox/index.ts';
import { waitFor } from '../../support/service/wait-for.ts';
import {
  api,
  connect,
  receiverForTest,
  sandboxForTest,
  signatureIsGood,
  subscription,
} from '../../support/calendly/sandbox-for-test.ts';

const key = 'key-of-this-subscription';
const allInvitee = ['invitee.created', 'invitee.canceled', 'invitee_no_show.created', 'invitee_no_show.deleted'];
const guest = { account: 'alice', name: 'Gina Guest', email: 'gina@guest.example' };
/** As the published schema has them. */
const requiredOfInvitee = [
  ...['uri', 'email', 'first_name', 'last_name', 'name', 'status', 'questions_and_answers', 'timezone', 'event'],
  ...['created_at', 'updated_at', 'tracking', 'text_reminder_number', 'rescheduled', 'old_invitee', 'new_invitee'],
  ...['cancel_url', 'reschedule_url', 'routing_form_submission', 'payment', 'no_show', 'reconfirmation'],
  ...['scheduling_method', 'invitee_scheduled_by', 'scheduled_event'],
];
const requiredOfEvent = [
  ...['uri', 'name', 'status', 'start_time', 'end_time', 'event_type', 'location', 'invitees_counter'],
  ...['created_at', 'updated_at', 'event_memberships', 'event_guests'],
];

async function subscribed(switches: Partial<Switches> = {}, more: object = {}) {
  const sandbox = await sandboxForTest({ switches });
  const receiver = await receiverForTest();
  const tokens = await connect(sandbox.url, 'alice');
  const body = subscription(tokens, `${receiver.url}/hook`, { events: allInvitee, ...more });
  const made = await api(sandbox.url, tokens, 'POST', '/webhook_subscriptions', body);
  expect(made.status).toBe(201);
  const state = () => sandbox.controls.subscriptions()[0]!;
  return { ...sandbox, receiver, tokens, state };
}

describe('what is sent', () => {
  test('a delivery has the recorded headers, compact JSON in the recorded key order and a good signature', async () => {
    const { controls, receiver, tokens } = await subscribed();
    const { inviteeUri } = controls.book({ ...guest, name: 'Gïna <Guest> 🎉' });
    await controls.deliveries.idle();
    const [item] = receiver.received;
    expect(item!.headers).toMatchObject({
      'user-agent': 'Calendly',
      accept: '*/*',
      'accept-encoding': 'gzip',
      'content-type': 'application/json',
      'content-length': String(item!.raw.length),
    });
    expect(signatureIsGood(item!, key)).toBe(true);
    expect(signatureIsGood(item!, 'another-key')).toBe(false);
    expect(item!.raw.toString()).toBe(JSON.stringify(item!.body));
    expect(Object.keys(item!.body)).toEqual(['created_at', 'created_by', 'event', 'payload']);
    expect(item!.body.created_at).toMatch(/\.000000Z$/);
    const [timestamp] = /\d+/.exec(String(item!.headers['calendly-webhook-signature']))!;
    expect(Number(timestamp) * 1000).toBe(Date.parse(item!.body.created_at));
    expect(item!.body).toMatchObject({
      created_by: tokens.owner,
      event: 'invitee.created',
      payload: { uri: inviteeUri, name: 'Gïna <Guest> 🎉', scheduled_event: { location: { status: 'processing' } } },
    });
    const { tracking, scheduled_event: event, ...payload } = item!.body.payload;
    expect(Object.keys(item!.body.payload)).toEqual(Object.keys(item!.body.payload).sort());
    expect(payload).not.toHaveProperty('cancellation');
    expect(Object.keys(event)).toEqual(Object.keys(event).sort());
    expect(Object.keys(event.invitees_counter)).toEqual(['total', 'active', 'limit']);
    expect(Object.keys(tracking).at(-1)).toBe('salesforce_uuid');
  });

  test('the app key signs where a subscription brought none, or where it takes precedence', async () => {
    const { controls, receiver, state } = await subscribed({}, { signing_key: undefined });
    controls.book(guest);
    await controls.deliveries.idle();
    expect(state().signingKeyFingerprint).toBeNull();
    expect(signatureIsGood(receiver.received[0]!, key)).toBe(false);
    const own = await subscribed({ signingKeyPrecedence: 'app' });
    own.controls.book(guest);
    await own.controls.deliveries.idle();
    expect(signatureIsGood(own.receiver.received[0]!, key)).toBe(false);
  });

  test.each<[Switches['bodyEscaping'], string]>([
    ['none', 'é&'],
    ['html', 'é\\u0026'],
    ['ascii', '\\u00e9\\u0026'],
  ])('with bodyEscaping %s the wire has %s, and the signature covers it', async (bodyEscaping, wire) => {
    const { controls, receiver } = await subscribed({ bodyEscaping });
    controls.book({ ...guest, name: 'é&' });
    await controls.deliveries.idle();
    expect(receiver.received[0]!.raw.toString()).toContain(`"name":"${wire}"`);
    expect(receiver.received[0]!.body.payload.name).toBe('é&');
    expect(signatureIsGood(receiver.received[0]!, key)).toBe(true);
  });
});

describe('who gets a delivery, and retries', () => {
  test('user subscriptions hear of that user, organization subscriptions of everyone in it', async () => {
    const { controls, receiver } = await subscribed();
    controls.createSubscription({ account: 'alice', url: `${receiver.url}/organization`, scope: 'organization' });
    controls.createSubscription({ account: 'bob', url: `${receiver.url}/bob`, scope: 'organization' });
    controls.book({ ...guest, account: 'dave' });
    controls.book(guest);
    await controls.deliveries.idle();
    expect(receiver.received.map(({ path }) => path).sort()).toEqual(['/hook', '/organization', '/organization']);
  });

  test('a refused delivery is tried again with a new timestamp, and retry_started_at shows it meanwhile', async () => {
    const { url, controls, receiver, tokens, state } = await subscribed({ retryDelaysSeconds: [60, 300] });
    receiver.answer = () => 500;
    controls.book(guest);
    await controls.deliveries.idle();
    const { body } = await api(url, tokens, 'GET', new URL(state().uri).pathname);
    expect(body.resource.retry_started_at).toMatch(/Z$/);
    controls.clock.advance(61);
    await waitFor(() => receiver.received.length === 2);
    receiver.answer = () => 204;
    await controls.deliveries.idle();
    expect(receiver.received).toHaveLength(2);
    controls.clock.advance(301);
    await waitFor(() => controls.deliveries.list()[0]!.status === 'delivered');
    expect(receiver.received).toHaveLength(3);
    expect(state().retry_started_at).toBeNull();
    expect(controls.deliveries.list()[0]!.attempts.map(({ status }) => status)).toEqual([500, 500, 204]);
    const timestamps = receiver.received.map(({ headers }) =>
      Number(/\d+/.exec(String(headers['calendly-webhook-signature']))),
    );
    expect(timestamps[1]! - timestamps[0]!).toBeGreaterThanOrEqual(60);
    expect(receiver.received.every((item) => signatureIsGood(item, key))).toBe(true);
    expect(new Set(receiver.received.map(({ raw }) => raw.toString())).size).toBe(1);
  });

  test('with retrySignature original a retry carries the first timestamp', async () => {
    const { controls, receiver } = await subscribed({ retrySignature: 'original', retryDelaysSeconds: [60] });
    receiver.answer = () => 503;
    controls.book(guest);
    await controls.deliveries.idle();
    controls.clock.advance(61);
    await waitFor(() => receiver.received.length === 2);
    const [first, second] = receiver.received.map(({ headers }) => headers['calendly-webhook-signature']);
    expect(second).toBe(first);
  });

  test('a redirect is not followed and counts as a failure', async () => {
    const { controls, receiver, state } = await subscribed();
    receiver.answer = () => 307;
    controls.book(guest);
    await controls.deliveries.idle();
    expect(receiver.received.map(({ path }) => path)).toEqual(['/hook']);
    expect(state().retry_started_at).not.toBeNull();
  });

  test('no answer within the read timeout, and no listener at all, are failures', async () => {
    const { controls, receiver } = await subscribed({ deliveryReadTimeoutMs: 50 });
    controls.createSubscription({ account: 'alice', url: 'http://127.0.0.1:9/' });
    receiver.answer = () => 0;
    controls.book(guest);
    await waitFor(() => controls.deliveries.list().every(({ attempts }) => attempts.length > 0));
    const errors = controls.deliveries.list().map(({ attempts }) => attempts[0]!.error);
    expect(errors).toEqual(['read timeout', expect.stringContaining('ECONNREFUSED')]);
  });
});

describe('disabling a subscription', () => {
  test('a day without success disables the subscription in silence, and nothing is sent from then on', async () => {
    const { controls, receiver, state } = await subscribed({ retryDelaysSeconds: [60] });
    receiver.answer = () => 500;
    controls.book(guest);
    await controls.deliveries.idle();
    expect(state().state).toBe('active');
    controls.clock.advance(86_400);
    await waitFor(() => state().state === 'disabled');
    expect(controls.deliveries.list()[0]!.status).toBe('gaveUp');
    const heard = receiver.received.length;
    receiver.answer = () => 200;
    controls.book(guest);
    await controls.deliveries.idle();
    expect(receiver.received).toHaveLength(heard);
    expect(controls.deliveries.list()).toHaveLength(1);
  });

  test.each<[Switches['disableRule'], string]>([
    ['no-success', 'active'],
    ['message-expired', 'disabled'],
  ])(
    'with disableRule %s one message that never gets through, among others that do, leaves it %s',
    async (disableRule, after) => {
      const { controls, receiver, state } = await subscribed({ disableRule, retryDelaysSeconds: [86_400] });
      receiver.answer = ({ body }) => (body.payload.name === 'Poison' ? 500 : 200);
      controls.book({ ...guest, name: 'Poison' });
      await controls.deliveries.idle();
      controls.clock.advance(80_000);
      controls.book(guest);
      await controls.deliveries.idle();
      expect(state().retry_started_at).not.toBeNull();
      controls.clock.advance(6_400);
      await waitFor(() => controls.deliveries.list()[0]!.status === 'gaveUp');
      expect(state().state).toBe(after);
    },
  );

  test('disabling and deleting abandon what still waits', async () => {
    const { controls, receiver, state } = await subscribed();
    controls.deliveries.pause();
    controls.book(guest);
    controls.disableSubscription(state().uri);
    expect(controls.deliveries.list({ status: 'abandoned' })).toHaveLength(1);
    const { uri } = controls.createSubscription({ account: 'alice', url: `${receiver.url}/2` });
    controls.book(guest);
    controls.deleteSubscription(uri);
    await controls.deliveries.resume();
    await controls.deliveries.idle();
    expect(receiver.received).toEqual([]);
    expect(controls.deliveries.list({ status: 'abandoned' })).toHaveLength(2);
  });
});

describe('controls of deliveries', () => {
  test('paused deliveries wait, and go out in the order asked for', async () => {
    const { controls, receiver } = await subscribed();
    controls.deliveries.pause();
    for (const name of ['One', 'Two', 'Three']) controls.book({ ...guest, name });
    await controls.deliveries.idle();
    expect(receiver.received).toEqual([]);
    await controls.deliveries.resume('newest-first');
    expect(receiver.received.map(({ body }) => body.payload.name)).toEqual(['Three', 'Two', 'One']);
  });

  test('deliveries can be dropped, doubled, delayed and sent again', async () => {
    const { controls, receiver } = await subscribed();
    controls.deliveries.dropNext(1);
    controls.book(guest);
    await controls.deliveries.idle();
    expect([receiver.received.length, controls.deliveries.list()[0]!.status]).toEqual([0, 'dropped']);
    controls.deliveries.configure({ duplicate: true });
    controls.book(guest);
    await controls.deliveries.idle();
    expect(receiver.received).toHaveLength(2);
    expect(receiver.received[0]!.raw.equals(receiver.received[1]!.raw)).toBe(true);
    controls.deliveries.configure({ duplicate: false, delayMs: 3_600_000 });
    controls.book(guest);
    await controls.deliveries.idle();
    expect(receiver.received).toHaveLength(2);
    controls.deliveries.retryNow();
    await waitFor(() => receiver.received.length === 3);
    await controls.deliveries.redeliver(controls.deliveries.list()[0]!.id);
    expect(receiver.received).toHaveLength(4);
  });
});

describe('what is sent, by the schema', () => {
  test('the payload has every key that the published schema requires', async () => {
    const { controls, receiver } = await subscribed();
    const { inviteeUri } = controls.book(guest);
    controls.reschedule({ invitee: inviteeUri });
    await controls.deliveries.idle();
    expect(receiver.received).toHaveLength(3);
    for (const { body } of receiver.received) {
      expect(Object.keys(body.payload)).toEqual(expect.arrayContaining(requiredOfInvitee));
      expect(Object.keys(body.payload.scheduled_event)).toEqual(expect.arrayContaining(requiredOfEvent));
    }
  });
});
