import { randomBytes, randomUUID } from 'node:crypto';
import fc from 'fast-check';
import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createSealedBox } from '../../../src/grants/sealed-box.ts';
import { openDatabase } from '../../../src/db/database.ts';
import { listDeliveries } from '../../../src/deliveries/list-deliveries.ts';
import { receiveDeliveries } from '../../../src/deliveries/receive-delivery.ts';
import { toProblem } from '../../../src/web/problems.ts';
import { listMeetings } from '../../../src/meetings/list-meetings.ts';
import { deliveryBytes, deliveryJson, FIXTURE_ACCOUNT } from '../../support/calendly/delivery-fixtures.ts';
import { signDelivery } from '../../support/calendly/sign-delivery.ts';
import { storeConnection } from '../../support/postgres/store-connection.ts';
import { storeSubscription, type StoredSubscription } from '../../support/postgres/store-subscription.ts';
import { takeDeliveries } from '../../support/calendly/take-deliveries.ts';
import { createTestDatabase, type TestDatabase } from '../../support/postgres/test-database.ts';

const box = createSealedBox([{ id: 'k', key: randomBytes(32) }]);
const at = new Date('2026-05-01T12:00:00.250Z');

describe('a delivery', () => {
  let database: TestDatabase;
  let take: ReturnType<typeof takeDeliveries>;
  beforeAll(async () => {
    database = await createTestDatabase();
    take = takeDeliveries(database.db, box);
  });
  afterAll(() => database.close());

  let tenants = 0;
  async function setUp(options: Partial<Parameters<typeof storeSubscription>[2]> = {}) {
    const tenantId = options.tenantId ?? `tenant-${tenants++}`;
    await storeConnection(database.db, tenantId, FIXTURE_ACCOUNT);
    const subscription = await storeSubscription(database.db, box, {
      tenantId,
      accountUri: FIXTURE_ACCOUNT,
      ...options,
    });
    return { tenantId, subscription };
  }
  const send = (subscription: StoredSubscription, body: Buffer | object, header?: string, now = at) => {
    const rawBody = Buffer.isBuffer(body) ? body : Buffer.from(JSON.stringify(body));
    const signatureHeader = header ?? signDelivery(rawBody, subscription.signingKey, at);
    return take({ subscriptionId: subscription.id, rawBody, signatureHeader }, now);
  };
  const meetings = async (tenantId: string) => (await listMeetings(database.db, tenantId, { limit: 100 })).items;
  const deliveries = async (tenantId: string) => (await listDeliveries(database.db, tenantId, { limit: 100 })).items;
  const verdicts = async (tenantId: string) => (await deliveries(tenantId)).map(({ verdict }) => verdict);
  const rowOf = async ({ id }: StoredSubscription) =>
    (
      await database.pool.query<{ last_delivery_at: Date | null }>(
        'select last_delivery_at from subscription where id = $1',
        [id],
      )
    ).rows[0]!;

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

  test.each([
    ['without a signature', () => '', 'refused:signature_missing'],
    ['with a malformed one', () => 'v1=abc', 'refused:signature_malformed'],
    [
      'with another key',
      () => signDelivery(deliveryBytes('invitee-created'), 'another', at),
      'refused:signature_wrong',
    ],
    [
      'of another body',
      ({ signingKey }: StoredSubscription) => signDelivery('{}', signingKey, at),
      'refused:signature_wrong',
    ],
    [
      'from the future',
      ({ signingKey }: StoredSubscription) =>
        signDelivery(deliveryBytes('invitee-created'), signingKey, new Date(at.getTime() + 301_000)),
      'refused:timestamp_too_new',
    ],
    [
      'from before the retry horizon',
      ({ signingKey }: StoredSubscription) =>
        signDelivery(deliveryBytes('invitee-created'), signingKey, new Date(at.getTime() - 90_001_000)),
      'refused:timestamp_too_old',
    ],
  ])('refuses a delivery %s and changes nothing', async (_, header, verdict) => {
    const { tenantId, subscription } = await setUp();
    expect(await send(subscription, deliveryBytes('invitee-created'), header(subscription))).toMatchObject({
      status: 401,
      verdict,
    });
    expect(await meetings(tenantId)).toEqual([]);
    expect((await rowOf(subscription)).last_delivery_at).toBeNull();
    expect(await deliveries(tenantId)).toMatchObject([
      { verdict, event: null, bodyBytes: deliveryBytes('invitee-created').length },
    ]);
    expect(
      (await database.pool.query('select 1 from delivery where tenant_id = $1 and body is not null', [tenantId]))
        .rowCount,
    ).toBe(0);
  });

  test('accepts a retry of yesterday with its first signature', async () => {
    const { subscription } = await setUp();
    const { signingKey } = subscription;
    const header = signDelivery(deliveryBytes('invitee-created'), signingKey, new Date(at.getTime() - 24 * 3_600_000));
    expect((await send(subscription, deliveryBytes('invitee-created'), header)).verdict).toBe('applied');
  });

  test('refuses everything without a signing key', async () => {
    const { subscription } = await setUp();
    await database.pool.query(
      'delete from credential where id = (select signing_key_id from subscription where id = $1)',
      [subscription.id],
    );
    expect(await send(subscription, deliveryBytes('invitee-created'))).toMatchObject({
      status: 401,
      verdict: 'refused:no_key',
    });
    await database.pool.query('update subscription set signing_key_id = null where id = $1', [subscription.id]);
    expect(
      await send(
        subscription,
        deliveryBytes('invitee-created'),
        signDelivery(deliveryBytes('invitee-created'), '', at),
      ),
    ).toMatchObject({ status: 401 });
  });

  test('is not lost because no encryption key opens the signing key: it throws what Calendly gets a 503 for', async () => {
    const { tenantId, subscription } = await setUp();
    const rawBody = deliveryBytes('invitee-created');
    const request = {
      subscriptionId: subscription.id,
      rawBody,
      signatureHeader: signDelivery(rawBody, subscription.signingKey, at),
    };
    const otherBox = createSealedBox([{ id: 'other', key: randomBytes(32) }]);
    const problem = await receiveDeliveries({ db: database.db, box: otherBox, now: () => at })(request).then(
      () => null,
      toProblem,
    );
    expect(problem).toMatchObject({ code: 'credential_unreadable' });
    expect(await deliveries(tenantId)).toEqual([]);
    expect((await send(subscription, rawBody)).verdict).toBe('applied');
  });

  test('knows no other subscription, and says so of anything that is no id', async () => {
    for (const id of [randomUUID(), 'x', '', `' or 1=1`, `${randomUUID()}/..`]) {
      expect(await send({ id, signingKey: 'k' }, deliveryBytes('invitee-created'))).toMatchObject({
        status: 404,
        verdict: 'subscription_unknown',
        tenantId: null,
      });
    }
  });

  test('answers 410 for a retired or deleted subscription, signed or not', async () => {
    for (const status of ['retired', 'deleted'] as const) {
      const { tenantId, subscription } = await setUp({ status });
      expect(await send(subscription, deliveryBytes('invitee-created'))).toMatchObject({
        status: 410,
        verdict: 'refused:subscription_retired',
      });
      expect(await send(subscription, deliveryBytes('invitee-created'), 'x')).toMatchObject({ status: 410 });
      expect(await meetings(tenantId)).toEqual([]);
    }
  });

  test('is not stored when the subscription was retired meanwhile, though it is remembered as live', async () => {
    const { tenantId, subscription } = await setUp();
    expect((await send(subscription, deliveryBytes('zoom-created'))).verdict).toBe('applied');
    await database.pool.query(`update subscription set status = 'retired' where id = $1`, [subscription.id]);
    expect(await send(subscription, deliveryBytes('invitee-created'))).toMatchObject({
      status: 410,
      verdict: 'refused:subscription_retired',
    });
    expect(await send(subscription, deliveryBytes('invitee-created'), 'x')).toMatchObject({
      status: 410,
      verdict: 'refused:subscription_retired',
    });
    expect(await verdicts(tenantId)).toEqual([
      'refused:subscription_retired',
      'refused:subscription_retired',
      'applied',
    ]);
    expect(await meetings(tenantId)).toHaveLength(1);
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

  test('records only so many refusals a minute', async () => {
    const { tenantId, subscription } = await setUp();
    for (let index = 0; index < 40; index++) await send(subscription, deliveryBytes('invitee-created'), 'x');
    expect(await verdicts(tenantId)).toHaveLength(30);
    await send(subscription, deliveryBytes('invitee-created'), 'x', new Date(at.getTime() + 61_000));
    expect(await verdicts(tenantId)).toHaveLength(31);
  });

  test('throws when the database is away, and a delivery that could not be committed is not there', async () => {
    const { tenantId, subscription } = await setUp();
    const away = openDatabase({ url: 'postgres://nobody@127.0.0.1:1/nowhere' });
    const body = deliveryBytes('invitee-created');
    const request = {
      subscriptionId: subscription.id,
      rawBody: body,
      signatureHeader: signDelivery(body, subscription.signingKey, at),
    };
    await expect(receiveDeliveries({ db: away.db, box, now: () => at })(request)).rejects.toThrow();
    await away.close();

    // The statement that stores it is ended while it waits.
    await database.db.transaction().execute(async (trx) => {
      await sql`lock table delivery in access exclusive mode`.execute(trx);
      const sent = send(subscription, body).then(
        () => 'stored',
        () => 'refused',
      );
      const cancel = `select pg_cancel_backend(pid) from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`;
      await expect.poll(async () => (await database.pool.query(cancel)).rowCount).toBe(1);
      expect(await sent).toBe('refused');
    });
    expect(await deliveries(tenantId)).toEqual([]);
    expect(await meetings(tenantId)).toEqual([]);
    expect((await send(subscription, body)).verdict).toBe('applied');
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
