import { randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createSealedBox } from '../../../src/grants/sealed-box.ts';
import { applyDeliveries } from '../../../src/deliveries/apply-deliveries.ts';
import { claimDeliveries } from '../../../src/deliveries/claim-deliveries.ts';
import { projectDeliveries } from '../../../src/deliveries/project-deliveries.ts';
import { receiveDeliveries } from '../../../src/deliveries/receive-delivery.ts';
import { releaseDueHalves } from '../../../src/host-events/reschedule-halves.ts';
import { recordWarning } from '../../../src/host-events/record-warning.ts';
import { countHostEvents, listHeldHalves } from '../../../src/host-events/list-host-events.ts';
import { listMeetings } from '../../../src/meetings/list-meetings.ts';
import { deliveryBytes, deliveryJson, FIXTURE_ACCOUNT } from '../../support/calendly/delivery-fixtures.ts';
import { signDelivery } from '../../support/calendly/sign-delivery.ts';
import { storeConnection } from '../../support/postgres/store-connection.ts';
import { storeSubscription, type StoredSubscription } from '../../support/postgres/store-subscription.ts';
import { takeDeliveries } from '../../support/calendly/take-deliveries.ts';
import { createTestDatabase, type TestDatabase } from '../../support/postgres/test-database.ts';

const box = createSealedBox([{ id: 'k', key: randomBytes(32) }]);
const at = new Date('2026-05-01T12:00:00.250Z');
const EVENTS = 'https://api.calendly.com/scheduled_events';
const inviteeUri = (event: number, invitee: string) => `${EVENTS}/E${event}/invitees/${invitee}`;

/** A delivery about one invitee of one event; `second` is when Calendly touched the invitee, `event` its part of the story. */
function delivery(
  name: string,
  [event, invitee]: [number, string],
  second: number,
  payload: object = {},
  scheduled: object = {},
) {
  const envelope = {
    ...deliveryJson('invitee-created'),
    event: name,
    created_at: `2026-05-01T11:00:${second}.000000Z`,
  };
  const status = name === 'invitee.canceled' ? 'canceled' : 'active';
  const updated = `2026-05-01T11:00:${second}.000001Z`;
  Object.assign(envelope.payload, {
    uri: inviteeUri(event, invitee),
    event: `${EVENTS}/E${event}`,
    name: invitee,
    status,
    updated_at: updated,
    ...payload,
  });
  Object.assign(envelope.payload.scheduled_event, {
    uri: `${EVENTS}/E${event}`,
    status: 'active',
    updated_at: '2026-05-01T11:00:10.000000Z',
    ...scheduled,
  });
  return envelope;
}

const canceledEvent = { status: 'canceled', updated_at: '2026-05-01T11:00:40.000000Z' };
const noShow = { uri: 'https://api.calendly.com/invitee_no_shows/N', created_at: '2026-05-01T11:00:30.300000Z' };
/** A group event: Ann moves to another time and gives that up as well, Ben does not come, and the host cancels the rest. */
const story = [
  delivery('invitee.created', [1, 'Ann'], 10),
  delivery('invitee.created', [1, 'Ben'], 11),
  delivery('invitee.created', [1, 'Cem'], 12),
  delivery('invitee.canceled', [1, 'Ann'], 20, { rescheduled: true, new_invitee: inviteeUri(2, 'Ann') }),
  delivery('invitee.created', [2, 'Ann'], 20, { old_invitee: inviteeUri(1, 'Ann') }),
  delivery('invitee_no_show.created', [1, 'Ben'], 30, { no_show: noShow }),
  delivery('invitee.canceled', [2, 'Ann'], 35, { old_invitee: inviteeUri(1, 'Ann') }, canceledEvent),
  delivery('invitee.canceled', [1, 'Cem'], 40, {}, canceledEvent),
];

describe('recording', () => {
  let database: TestDatabase;
  let tenants = 0;
  let take: ReturnType<typeof takeDeliveries>;
  beforeAll(async () => {
    database = await createTestDatabase();
    take = takeDeliveries(database.db, box);
  });
  afterAll(() => database.close());

  async function setUp() {
    const tenantId = `tenant-${tenants++}`;
    await storeConnection(database.db, tenantId, FIXTURE_ACCOUNT);
    const subscription = await storeSubscription(database.db, box, { tenantId, accountUri: FIXTURE_ACCOUNT });
    return { tenantId, subscription };
  }
  const send = async (subscription: StoredSubscription, envelope: object) => {
    const rawBody = Buffer.from(JSON.stringify(envelope));
    const signatureHeader = signDelivery(rawBody, subscription.signingKey, at);
    const { status } = await take({ subscriptionId: subscription.id, rawBody, signatureHeader }, at);
    expect(status).toBe(200);
  };
  const windowOver = () => releaseDueHalves(database.db, at);
  const told = async (tenantId: string): Promise<any[]> =>
    (
      await database.db
        .selectFrom('host_event')
        .select('body')
        .where('tenant_id', '=', tenantId)
        .orderBy('seq')
        .execute()
    ).map(({ body }) => body);
  const typesOf = async (tenantId: string) =>
    (await told(tenantId)).map(({ type, data }) => `${type.replace('meeting.', '')} ${data.name}`);

  test('gives a host that follows the events the meetings that are shown, whatever order and copies the deliveries come in', async () => {
    const steps = [...story, ...story, null, null, null];
    const orders = fc.shuffledSubarray(steps, { minLength: story.length + 3 }).map((order) => [...order, ...story]);
    await fc.assert(
      fc.asyncProperty(orders, async (order) => {
        const { tenantId, subscription } = await setUp();
        for (const step of order) {
          if (step === null) await windowOver();
          else await send(subscription, step);
        }
        await windowOver();
        const host = new Map<string, any>();
        const endings = new Map<string, number>();
        const end = (id: string) => endings.set(id, (endings.get(id) ?? 0) + 1);
        for (const { type, data } of await told(tenantId)) {
          const { changeSource: _, accountUri: _a, previous, ...meeting } = data;
          host.set(meeting.id, meeting);
          if (type === 'meeting.canceled') end(meeting.id);
          if (type !== 'meeting.rescheduled') continue;
          host.set(previous.id, previous);
          end(previous.id);
        }
        const shown = (await listMeetings(database.db, tenantId, { limit: 100 })).items;
        const compared = ({ updatedAt: _u, receivedAt: _r, source: _s, ...fields }: any) => fields;
        expect(new Map([...host].map(([id, meeting]) => [id, compared(meeting)]).sort() as never)).toEqual(
          new Map(shown.map((meeting) => [meeting.id, compared(meeting)]).sort() as never),
        );
        // All four are canceled in the end, each told as such exactly once.
        expect(endings).toEqual(new Map(shown.map(({ id }) => [id, 1])));
      }),
      { numRuns: 12 },
    );
  });

  test('tells the story as it happened when it arrives as it happened', async () => {
    const { tenantId, subscription } = await setUp();
    for (const step of story) await send(subscription, step);
    expect(await typesOf(tenantId)).toEqual([
      'created Ann',
      'created Ben',
      'created Cem',
      'rescheduled Ann',
      'no_show Ben',
      'canceled Ann',
      'canceled Cem',
      'canceled Ben',
    ]);
    for (const step of story.toReversed()) await send(subscription, step);
    expect(await told(tenantId)).toHaveLength(8);
  });

  test('keeps half of a reschedule back, lets it go before what follows it, and forgets nothing', async () => {
    const { tenantId, subscription } = await setUp();
    await send(subscription, story[4]!);
    expect(await typesOf(tenantId)).toEqual([]);
    expect(await listHeldHalves(database.db, tenantId)).toMatchObject([
      { type: 'meeting.created', heldAt: at.toISOString() },
    ]);
    expect((await countHostEvents(database.db)).held).toBe(1);
    await send(subscription, story[6]!);
    expect(await typesOf(tenantId)).toEqual(['created Ann', 'canceled Ann']);
    await send(subscription, story[3]!);
    expect(await typesOf(tenantId)).toEqual(['created Ann', 'canceled Ann', 'canceled Ann']);
    expect(await listHeldHalves(database.db, tenantId)).toEqual([]);
  });

  test('makes one event of halves that arrive in the same moment, for many at once', async () => {
    for (let round = 0; round < 5; round++) {
      const { tenantId, subscription } = await setUp();
      await Promise.all([
        ...Array.from({ length: 6 }, (_, n) =>
          send(subscription, delivery('invitee.canceled', [1, `G${n}`], 20, { new_invitee: inviteeUri(2, `G${n}`) })),
        ),
        ...Array.from({ length: 6 }, (_, n) =>
          send(subscription, delivery('invitee.created', [2, `G${n}`], 20, { old_invitee: inviteeUri(1, `G${n}`) })),
        ),
      ]);
      expect((await typesOf(tenantId)).sort()).toEqual(Array.from({ length: 6 }, (_, n) => `rescheduled G${n}`));
    }
  });

  test('writes nothing where a delivery is not applied, though the connection is cut in the middle, and all of it once it is', async () => {
    const { tenantId, subscription } = await setUp();
    const rawBody = deliveryBytes('invitee-created');
    const signatureHeader = signDelivery(rawBody, subscription.signingKey, at);
    const receive = receiveDeliveries({ db: database.db, box, now: () => at });
    expect(await receive({ subscriptionId: subscription.id, rawBody, signatureHeader })).toMatchObject({ status: 200 });
    const cut = database.db.transaction().execute(async (trx) => {
      const { rows } = await sql<{ pid: number }>`select pg_backend_pid() as pid`.execute(trx);
      const { applied } = await applyDeliveries(trx, await claimDeliveries(trx, { most: 10 }));
      expect(applied.map(({ verdict }) => verdict)).toEqual(['applied']);
      await database.pool.query('select pg_terminate_backend($1, 5000)', [rows[0]!.pid]);
    });
    await expect(cut).rejects.toThrow(/terminat|connection error/);
    expect(await told(tenantId)).toEqual([]);
    expect((await listMeetings(database.db, tenantId, { limit: 10 })).items).toEqual([]);
    await projectDeliveries(database.db);
    expect(await typesOf(tenantId)).toEqual(['created Ada Berg']);
  });

  test('warns once of one occurrence, and again of the next', async () => {
    const warn = (occurrence?: string) =>
      database.db.transaction().execute((trx) =>
        recordWarning(trx, {
          tenantId: 'warned',
          code: 'subscription_retrying',
          at,
          details: { retryStartedAt: occurrence ?? null },
          ...(occurrence ? { occurrence } : {}),
        }),
      );
    expect([await warn('one'), await warn('one'), await warn('two'), await warn(), await warn()]).toEqual([
      true,
      false,
      true,
      true,
      true,
    ]);
    const events = await told('warned');
    expect(events).toHaveLength(4);
    expect(new Set(events.map(({ id }) => id)).size).toBe(4);
    expect(events[0]).toMatchObject({
      type: 'connection.warning',
      data: {
        code: 'subscription_retrying',
        message: expect.stringContaining('Calendly'),
        details: { retryStartedAt: 'one' },
      },
    });
  });
});
