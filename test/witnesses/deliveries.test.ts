import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import { expect, test } from 'vitest';
import { receiverForTest, sandboxForTest } from '../support/calendly/sandbox-for-test.ts';
import { readSchema } from './openapi-documents.ts';

const folder = process.env['CALENDLY_OPENAPI']!;
const ajv = new Ajv2020({ strict: false, allErrors: true, logger: false, unicodeRegExp: false });
(addFormats as unknown as (ajv: Ajv2020) => void)(ajv);
const isEnvelope = ajv.compile(readSchema(folder, 'WebhookPayload'));
const isInvitee = ajv.compile(readSchema(folder, 'InviteePayload'));

function problemsOf(delivery: { payload: unknown }): string[] {
  const errors = [
    isEnvelope(delivery) ? [] : isEnvelope.errors,
    isInvitee(delivery.payload) ? [] : isInvitee.errors,
  ].flat();
  return errors.map((error) => `${error?.instancePath} ${error?.message}`);
}

function keysOf(value: unknown): string[] {
  return typeof value === 'object' && value !== null ? Object.keys(value) : [];
}

test('every kind of delivery is what the documents say', async () => {
  const { controls } = await sandboxForTest();
  const receiver = await receiverForTest();
  const events = ['invitee.created', 'invitee.canceled', 'invitee_no_show.created', 'invitee_no_show.deleted'];
  controls.createSubscription({ account: 'alice', url: receiver.url, events });
  const guest = { account: 'alice', name: 'Gina Guest', email: 'gina@guest.example' };
  const { inviteeUri } = controls.book(guest);
  controls.markNoShow(inviteeUri);
  controls.unmarkNoShow(inviteeUri);
  const moved = controls.reschedule({ invitee: inviteeUri });
  controls.cancel({ invitee: moved.inviteeUri, reason: 'Ill' });
  controls.book({ ...guest, location: null, firstName: 'Gina', lastName: 'Guest' });
  controls.book({ ...guest, location: { type: 'zoom' } });
  await controls.deliveries.idle();
  expect(new Set(receiver.received.map(({ body }) => body.event))).toEqual(new Set(events));
  expect(receiver.received.map(({ body }) => problemsOf(body)).flat()).toEqual([]);
});

test('a delivery has every key of those recorded from Calendly, in the same order', async () => {
  const { controls } = await sandboxForTest();
  const receiver = await receiverForTest();
  controls.createSubscription({ account: 'alice', url: receiver.url, events: ['invitee.created', 'invitee.canceled'] });
  const { inviteeUri } = controls.book({ account: 'alice', name: 'Gina Guest', email: 'gina@guest.example' });
  controls.cancel({ invitee: inviteeUri });
  await controls.deliveries.idle();
  const ours = new Map(receiver.received.map(({ body }) => [body.event, body]));
  const recorded = readdirSync(join(folder, 'deliveries')).map((name) =>
    JSON.parse(readFileSync(join(folder, 'deliveries', name), 'utf8')),
  );
  expect(recorded.length).toBeGreaterThan(0);
  for (const real of recorded) {
    const own = ours.get(real.event);
    // The envelope, the payload, and the event in it.
    const places = [
      [real, own],
      [real.payload, own.payload],
      [real.payload.scheduled_event, own.payload.scheduled_event],
    ];
    // Ours have the keys of later years between them.
    for (const [theirs, mine] of places)
      expect(keysOf(mine).filter((key) => keysOf(theirs).includes(key))).toEqual(keysOf(theirs));
  }
});
