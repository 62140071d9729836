import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { listDeliveries } from '../../../src/deliveries/list-deliveries.ts';
import { deliveryBytes, deliveryJson, FIXTURE_ACCOUNT } from '../../support/calendly/delivery-fixtures.ts';
import { signDelivery } from '../../support/calendly/sign-delivery.ts';
import { at, database, deliveries, meetings, rowOf, send, setUp, storeDeliveries, verdicts } from './received.ts';

storeDeliveries();

describe('a delivery', () => {
  test('applies a signed delivery and keeps its bytes', async () => {
    const { tenantId, subscription } = await setUp();
    expect(await send(subscription, deliveryBytes('invitee-created'))).toMatchObject({
      status: 200,
      verdict: 'applied',
      tenantId,
      event: 'invitee.created',
      applied: { isNew: true, changed: true },
    });
    expect(await meetings(tenantId)).toMatchObject([
      { name: 'Ada Berg', source: 'webhook', receivedAt: '2026-05-01T12:00:00.250000Z' },
    ]);
    expect((await rowOf(subscription)).last_delivery_at).toEqual(at);
    expect(await deliveries(tenantId)).toMatchObject([
      {
        verdict: 'applied',
        signedAt: '2026-05-01T12:00:00.000Z',
        event: 'invitee.created',
        accountUri: FIXTURE_ACCOUNT,
      },
    ]);
    const { rows } = await database.pool.query<{ body: Buffer }>('select body from delivery where tenant_id = $1', [
      tenantId,
    ]);
    expect(rows[0]!.body.equals(deliveryBytes('invitee-created'))).toBe(true);
  });

  test('applies copies once, merges them all, and tells one from the other by what they say', async () => {
    const { tenantId, subscription } = await setUp();
    const results = await Promise.all(
      Array.from({ length: 8 }, () => send(subscription, deliveryBytes('invitee-created'))),
    );
    expect(results.every(({ status }) => status === 200)).toBe(true);
    expect((await verdicts(tenantId)).sort()).toEqual(['applied', ...Array(7).fill('duplicate')]);
    expect(await send(subscription, deliveryBytes('invitee-canceled'))).toMatchObject({
      verdict: 'applied',
      applied: { isNew: false, changed: true },
    });
    expect(await send(subscription, deliveryBytes('invitee-created'))).toMatchObject({
      verdict: 'duplicate',
      applied: { changed: false },
    });
    expect(await meetings(tenantId)).toMatchObject([{ status: 'canceled' }]);
  });

  test('applies a delivery once while two subscriptions of the account overlap', async () => {
    const { tenantId, subscription } = await setUp();
    const { subscription: next } = await setUp({ tenantId, status: 'creating' });
    const results = await Promise.all([
      send(subscription, deliveryBytes('zoom-created')),
      send(next, deliveryBytes('zoom-created')),
    ]);
    expect(results.map(({ verdict }) => verdict).sort()).toEqual(['applied', 'duplicate']);
    expect(await meetings(tenantId)).toHaveLength(1);
  });

  test('applies the same booking for each tenant that linked the account', async () => {
    const [one, other] = [await setUp(), await setUp()];
    expect((await send(one.subscription, deliveryBytes('zoom-created'))).verdict).toBe('applied');
    expect((await send(other.subscription, deliveryBytes('zoom-created'))).verdict).toBe('applied');
    expect(
      (
        await send(
          other.subscription,
          deliveryBytes('zoom-created'),
          signDelivery(deliveryBytes('zoom-created'), one.subscription.signingKey, at),
        )
      ).status,
    ).toBe(401);
  });

  test('gives the same meetings for every order of a group event with many invitees', async () => {
    const envelopes = ['created', 'canceled', 'created'].flatMap((kind, index) =>
      [1, 2].map((invitee) => {
        const envelope = deliveryJson(kind === 'created' ? 'invitee-created' : 'invitee-canceled');
        envelope.payload.uri = `${envelope.payload.event}/invitees/${invitee}`;
        if (index === 2)
          Object.assign(envelope.payload, { updated_at: '2024-05-14T08:02:11.407317Z', name: `Renamed ${invitee}` });
        if (invitee === 2) envelope.payload.scheduled_event.status = 'active';
        return envelope;
      }),
    );
    const shown = async (order: object[]) => {
      const { tenantId, subscription } = await setUp();
      await Promise.all(order.map((envelope) => send(subscription, envelope)));
      expect((await verdicts(tenantId)).filter((verdict) => verdict === 'applied')).toHaveLength(6);
      return (await meetings(tenantId))
        .map(({ id: _, ...meeting }) => meeting)
        .sort((a, b) => (a.inviteeUri < b.inviteeUri ? -1 : 1));
    };
    const expected = await shown(envelopes);
    await fc.assert(
      fc.asyncProperty(
        fc.shuffledSubarray(envelopes, { minLength: 6 }),
        fc.subarray(envelopes),
        async (order, again) => {
          expect(await shown([...again, ...order])).toEqual(expected);
        },
      ),
      { numRuns: 10 },
    );
  });

  test('follows a no-show', async () => {
    const { tenantId, subscription } = await setUp();
    const marked = {
      ...deliveryJson('invitee-created'),
      event: 'invitee_no_show.created',
      created_at: '2024-05-16T14:00:00.000000Z',
    };
    marked.payload.no_show = {
      uri: 'https://api.calendly.com/invitee_no_shows/N',
      created_at: '2024-05-16T14:00:00.300000Z',
    };
    const removed = {
      ...deliveryJson('invitee-created'),
      event: 'invitee_no_show.deleted',
      created_at: '2024-05-16T14:00:00.000000Z',
    };
    for (const envelope of [deliveryJson('invitee-created'), marked])
      expect((await send(subscription, envelope)).verdict).toBe('applied');
    expect(await meetings(tenantId)).toMatchObject([{ noShow: true, updatedAt: '2024-05-16T14:00:00.300000Z' }]);
    expect((await send(subscription, removed)).verdict).toBe('applied');
    expect((await send(subscription, marked)).verdict).toBe('duplicate');
    expect(await meetings(tenantId)).toMatchObject([{ noShow: false, updatedAt: '2024-05-16T14:00:00.999999Z' }]);
  });

  test('keeps what is signed and cannot be read', async () => {
    const { tenantId, subscription } = await setUp();
    const bodies = [
      '',
      '{',
      'null',
      '[]',
      '7',
      '{}',
      '{"event":7}',
      '{"event":"invitee.created"}',
      '{"event":"invitee.created","payload":{"uri":""}}',
      `{"event":"invitee.created","payload":{"uri":"${'u'.repeat(9000)}/invitees/1"}}`,
    ];
    for (const body of [
      ...bodies.map((text) => Buffer.from(text)),
      Buffer.from([0xff, 0xfe, 0x00]),
      Buffer.from('['.repeat(500_000)),
    ]) {
      expect(await send(subscription, body)).toMatchObject({ status: 200, verdict: 'unreadable' });
    }
    expect(await meetings(tenantId)).toEqual([]);
    expect((await rowOf(subscription)).last_delivery_at).toEqual(at);
  });

  test('never fails for what is in a signed body', async () => {
    const { subscription } = await setUp();
    const uri = `${deliveryJson('invitee-created').payload.event}/invitees/odd`;
    const anything = fc.record({
      event: fc.constantFrom('invitee.created', 'invitee.canceled', 'invitee_no_show.deleted', 'e\u0000v', '\ud800'),
      created_at: fc.jsonValue(),
      payload: fc.record({
        uri: fc.constantFrom(uri, 'x', 7),
        event: fc.constantFrom('https://e', '\u0000', null),
        name: fc.string({ unit: 'binary' }),
        email: fc.jsonValue(),
        updated_at: fc.jsonValue(),
        no_show: fc.jsonValue(),
        old_invitee: fc.string({ unit: 'binary' }),
        scheduled_event: fc.oneof(
          fc.jsonValue(),
          fc.record({
            uri: fc.string(),
            name: fc.string({ unit: 'binary' }),
            location: fc.dictionary(fc.string({ unit: 'binary' }), fc.jsonValue()),
          }),
        ),
      }),
    });
    await fc.assert(
      fc.asyncProperty(fc.oneof(anything, fc.jsonValue()), async (body) => {
        expect((await send(subscription, Buffer.from(JSON.stringify(body)))).status).toBe(200);
      }),
      { numRuns: 150 },
    );
    const nested = Buffer.from(
      `{"event":"invitee.created","payload":{"uri":"${uri}","scheduled_event":{"location":${'{"a":'.repeat(5_000)}1e999${'}'.repeat(5_000)}}}}`,
    );
    expect(await send(subscription, nested)).toMatchObject({ status: 200 });
  });

  test('ignores events that are not about invitees, and takes a signature for proof, whoever the payload names', async () => {
    const colleague = 'https://api.calendly.com/users/colleague';
    const { tenantId, subscription } = await setUp();
    expect(
      (await send(subscription, { ...deliveryJson('invitee-created'), event: 'routing_form_submission.created' }))
        .verdict,
    ).toBe('ignored');
    expect(await meetings(tenantId)).toEqual([]);
    const elsewhere = deliveryJson('zoom-created');
    elsewhere.payload.scheduled_event.event_memberships[0].user = colleague;
    expect((await send(subscription, { ...elsewhere, created_by: colleague })).verdict).toBe('applied');
    expect(await meetings(tenantId)).toHaveLength(1);
  });

  test('lists deliveries newest first, page by page, to their own tenant only', async () => {
    const { tenantId, subscription } = await setUp();
    for (const name of ['invitee-created', 'invitee-canceled', 'zoom-created'] as const)
      await send(subscription, deliveryBytes(name));
    const first = await listDeliveries(database.db, tenantId, { limit: 2 });
    const second = await listDeliveries(database.db, tenantId, { limit: 2, cursor: first.nextCursor! });
    expect([...first.items, ...second.items].map(({ event }) => event)).toEqual([
      'invitee.created',
      'invitee.canceled',
      'invitee.created',
    ]);
    expect(second.nextCursor).toBeNull();
    expect(JSON.stringify(first)).not.toContain('Ada Berg');
    await expect(listDeliveries(database.db, tenantId, { limit: 2, cursor: 'MWUzMDA' })).rejects.toMatchObject({
      code: 'cursor_invalid',
    });
  });
});
