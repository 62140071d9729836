import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { applyObservations } from '../../../src/meetings/apply-observations.ts';
import { listMeetings, type MeetingFilter } from '../../../src/meetings/list-meetings.ts';
import type { Observation } from '../../../src/meetings/observation.ts';
import { observePageItem, observePayload } from '../../../src/meetings/observe.ts';
import { timestampOf } from '../../../src/meetings/timestamp.ts';
import { deliveryJson, FIXTURE_ACCOUNT, type DeliveryFixture } from '../../support/calendly/delivery-fixtures.ts';
import { storeConnection } from '../../support/postgres/store-connection.ts';
import { createTestDatabase, type TestDatabase } from '../../support/postgres/test-database.ts';

const received = (second: number) => timestampOf(new Date(Date.UTC(2026, 4, 1, 0, 0, second)));
const perspective = { source: 'webhook', receivedAt: received(0) } as const;
const observe = (envelope: any, second = 0): Observation =>
  observePayload(envelope, { ...perspective, receivedAt: received(second) })!;
const fixture = (name: DeliveryFixture) => observe(deliveryJson(name));
/** A booking in a group event, by its number. */
const booking = (event: number, invitee: number, startTime: string, change: object = {}): Observation => {
  const envelope = deliveryJson('invitee-created');
  const uri = `https://api.calendly.com/scheduled_events/E${event}`;
  Object.assign(envelope.payload, {
    event: uri,
    uri: `${uri}/invitees/I${invitee}`,
    name: `Invitee ${invitee}`,
    ...change,
  });
  Object.assign(envelope.payload.scheduled_event, { uri, start_time: startTime });
  return observe(envelope);
};

describe('meetings', () => {
  let database: TestDatabase;
  beforeAll(async () => void (database = await createTestDatabase()));
  afterAll(() => database.close());
  const apply = (tenantId: string, observation: Observation, accountUri: string = FIXTURE_ACCOUNT) =>
    database.db
      .transaction()
      .execute(async (trx) => (await applyObservations(trx, { tenantId, accountUri }, [observation])).results[0]!);
  const list = (tenantId: string, filter: Partial<MeetingFilter> = {}) =>
    listMeetings(database.db, tenantId, { limit: 50, ...filter });

  test('shows a booking as the contract says, and its cancellation', async () => {
    await storeConnection(database.db, 'shown', FIXTURE_ACCOUNT);
    expect(await apply('shown', fixture('invitee-created'))).toMatchObject({ isNew: true, changed: true });
    const { items, nextCursor } = await list('shown');
    expect(nextCursor).toBeNull();
    expect(items).toEqual([
      {
        id: expect.stringMatching(/^[0-9a-f-]{36}$/),
        eventUri: 'https://api.calendly.com/scheduled_events/c7a1d0f4-3f3e-4a57-8b0a-2f5d9e6b1a01',
        inviteeUri:
          'https://api.calendly.com/scheduled_events/c7a1d0f4-3f3e-4a57-8b0a-2f5d9e6b1a01/invitees/8d2e4b66-1c0f-4d1e-a3b5-7f6c5d4e3b02',
        status: 'active',
        name: 'Ada Berg',
        email: 'ada@client.example',
        startTime: '2024-05-16T13:30:00.000000Z',
        endTime: '2024-05-16T13:45:00.000000Z',
        timezone: 'Asia/Calcutta',
        location: deliveryJson('invitee-created').payload.scheduled_event.location,
        joinUrl: 'https://calendly.com/events/c7a1d0f4-3f3e-4a57-8b0a-2f5d9e6b1a01/google_meet',
        cancelUrl: 'https://calendly.com/cancellations/8d2e4b66-1c0f-4d1e-a3b5-7f6c5d4e3b02',
        rescheduleUrl: 'https://calendly.com/reschedulings/8d2e4b66-1c0f-4d1e-a3b5-7f6c5d4e3b02',
        rescheduledFrom: null,
        rescheduledTo: null,
        noShow: false,
        source: 'webhook',
        receivedAt: '2026-05-01T00:00:00.000000Z',
        updatedAt: '2024-05-14T08:02:11.407316Z',
      },
    ]);

    expect(await apply('shown', fixture('invitee-created'))).toMatchObject({ isNew: false, changed: false });
    expect(await apply('shown', fixture('invitee-canceled'))).toMatchObject({ isNew: false, changed: true });
    expect((await list('shown')).items).toEqual([
      {
        ...items[0],
        status: 'canceled',
        location: { ...items[0]!.location, status: 'pushed' },
        updatedAt: '2024-05-14T09:40:51.711942Z',
      },
    ]);
  });

  test('shows both halves of a reschedule, a call over Zoom and a booking of 2020', async () => {
    await storeConnection(database.db, 'shapes', FIXTURE_ACCOUNT);
    for (const name of ['reschedule-created', 'invitee-created-2020', 'zoom-created', 'reschedule-canceled'] as const)
      await apply('shapes', fixture(name));
    const { items } = await list('shapes');
    const [zoom, moved, canceled, old] = items;
    expect(zoom).toMatchObject({
      name: 'Noor Zoë 渡辺',
      joinUrl: 'https://zoom.us/j/98765432101?pwd=abcd',
      location: { type: 'zoom' },
    });
    expect(moved).toMatchObject({ status: 'active', rescheduledFrom: canceled!.inviteeUri, joinUrl: null });
    expect(canceled).toMatchObject({ status: 'canceled', rescheduledTo: moved!.inviteeUri });
    expect(old).toMatchObject({ name: 'Lee Old', startTime: null, location: null, status: 'active' });
    expect(items).toHaveLength(4);
  });

  test('stores the same rows for any order and repetition, back-fill pages among them', async () => {
    const noShow = { uri: 'https://api.calendly.com/invitee_no_shows/N', created_at: '2024-05-16T14:00:00.300000Z' };
    const marked = { ...deliveryJson('invitee-created'), event: 'invitee_no_show.created' };
    marked.payload.no_show = noShow;
    const removed = {
      ...deliveryJson('invitee-created'),
      event: 'invitee_no_show.deleted',
      created_at: '2024-05-16T14:00:07.000000Z',
    };
    const { payload } = deliveryJson('invitee-canceled');
    const page = observePageItem(payload.scheduled_event, payload, {
      ...perspective,
      source: 'backfill',
      receivedAt: received(9),
      requestedAt: new Date('2024-05-14T10:00:00Z'),
    })!;
    const observations = [
      fixture('invitee-created'),
      fixture('invitee-canceled'),
      fixture('zoom-created'),
      observe(marked, 1),
      observe(removed, 2),
      page,
      booking(1, 1, '2024-05-16T09:00:00Z'),
      booking(1, 2, '2024-05-16T09:00:00Z', { status: 'canceled' }),
      booking(1, 1, '2024-05-16T10:00:00Z', { updated_at: '2025-01-01T00:00:00.000001Z', name: 'Renamed' }),
    ];
    const rowsAfter = async (tenantId: string, order: readonly Observation[]) => {
      for (const observation of order) await apply(tenantId, observation);
      const { rows } = await database.pool.query(
        `select to_jsonb(m) - 'id' - 'tenant_id' || jsonb_build_object('event', to_jsonb(e) - 'tenant_id') as row
         from meeting m join scheduled_event e on (e.tenant_id, e.account_uri, e.uri) = (m.tenant_id, m.account_uri, m.event_uri)
         where m.tenant_id = $1 order by m.invitee_uri`,
        [tenantId],
      );
      return rows as unknown[];
    };
    const expected = await rowsAfter('order', observations);
    expect(expected).toHaveLength(4);
    let tenant = 0;
    const orders = fc.tuple(
      fc.shuffledSubarray(observations, { minLength: observations.length }),
      fc.subarray(observations),
    );
    await fc.assert(
      fc.asyncProperty(orders, async ([order, again]) => {
        expect(await rowsAfter(`order-${tenant++}`, [...again, ...order, ...again])).toEqual(expected);
      }),
      { numRuns: 15 },
    );
  });

  test('writes no row for a page that shows nothing new, and for a mark that is gone writes it once', async () => {
    await storeConnection(database.db, 'polled', FIXTURE_ACCOUNT);
    const versions = async () =>
      (
        await database.pool.query(
          `select m.xmin::text || '/' || e.xmin::text as version from meeting m join scheduled_event e using (tenant_id, account_uri) where m.tenant_id = 'polled'`,
        )
      ).rows;
    const { payload } = deliveryJson('invitee-created');
    const page = (minute: number, noShow: object | null = null) =>
      observePageItem(
        payload.scheduled_event,
        { ...payload, no_show: noShow },
        { source: 'polling', receivedAt: received(minute), requestedAt: new Date(Date.UTC(2026, 4, 2, 0, minute)) },
      )!;
    await apply('polled', fixture('invitee-created'));
    const first = await versions();
    for (const minute of [1, 2, 3])
      expect(await apply('polled', page(minute))).toMatchObject({ isNew: false, changed: false });
    expect(await versions()).toEqual(first);
    expect((await list('polled')).items[0]!.updatedAt).toBe(payload.updated_at);

    const mark = { uri: 'https://api.calendly.com/invitee_no_shows/N', created_at: '2026-05-02T00:10:00.000007Z' };
    expect(await apply('polled', page(12, mark))).toMatchObject({ changed: true });
    expect((await list('polled')).items[0]).toMatchObject({ noShow: true, updatedAt: mark.created_at });
    expect(await apply('polled', page(20))).toMatchObject({ changed: true });
    const taken = await versions();
    expect((await list('polled')).items[0]).toMatchObject({ noShow: false, updatedAt: '2026-05-02T00:10:00.000008Z' });
    for (const minute of [21, 22]) expect(await apply('polled', page(minute))).toMatchObject({ changed: false });
    expect(await versions()).toEqual(taken);
    // The delivery of the removal comes after the page that showed it.
    const removed = {
      ...deliveryJson('invitee-created'),
      event: 'invitee_no_show.deleted',
      created_at: '2026-05-02T00:15:00.000000Z',
    };
    await apply('polled', observe(removed));
    expect((await list('polled')).items[0]).toMatchObject({ noShow: false, updatedAt: '2026-05-02T00:15:00.999999Z' });
  });

  test('lets many write to one group event at once and loses nobody', async () => {
    await storeConnection(database.db, 'group', FIXTURE_ACCOUNT);
    const bookings = Array.from({ length: 12 }, (_, invitee) =>
      booking(7, invitee, '2024-05-16T09:00:00Z', { updated_at: `2024-05-14T08:02:11.0000${10 + invitee}Z` }),
    );
    const results = await Promise.all([...bookings, ...bookings].map((observation) => apply('group', observation)));
    expect(results.filter(({ isNew }) => isNew)).toHaveLength(12);
    expect(new Set((await list('group')).items.map(({ name }) => name))).toHaveLength(12);
    const { rows } = await database.pool.query(`select count(*)::int from scheduled_event where tenant_id = 'group'`);
    expect(rows).toEqual([{ count: 1 }]);
  });

  test('pages by start, latest first, also when many start at the same time', async () => {
    await storeConnection(database.db, 'pages', FIXTURE_ACCOUNT);
    for (let event = 0; event < 4; event++) {
      for (let invitee = 0; invitee < 3; invitee++)
        await apply('pages', booking(event, invitee, `2024-05-${10 + Math.floor(event / 2)}T09:00:00Z`));
    }
    await apply('pages', fixture('invitee-created-2020'));
    const { items: all } = await list('pages');
    expect(all.map(({ startTime }) => startTime?.slice(0, 10))).toEqual([
      ...Array(6).fill('2024-05-11'),
      ...Array(6).fill('2024-05-10'),
      undefined,
    ]);
    const paged = [];
    let cursor: string | undefined;
    do {
      const page = await list('pages', { limit: 2, cursor });
      paged.push(...page.items);
      cursor = page.nextCursor ?? undefined;
    } while (cursor !== undefined);
    expect(paged).toEqual(all);
  });

  test('filters by status and time', async () => {
    await storeConnection(database.db, 'filters', FIXTURE_ACCOUNT);
    await apply('filters', booking(1, 1, '2024-05-10T09:00:00Z'));
    await apply('filters', booking(1, 2, '2024-05-10T09:00:00Z', { status: 'canceled' }));
    await apply('filters', booking(2, 3, '2024-05-11T09:00:00Z'));
    await apply('filters', fixture('invitee-created-2020'));
    const names = async (filter: Partial<MeetingFilter>) =>
      (await list('filters', filter)).items.map(({ name }) => name).sort();
    expect(await names({ status: 'active' })).toEqual(['Invitee 1', 'Invitee 3', 'Lee Old']);
    expect(await names({ status: 'canceled' })).toEqual(['Invitee 2']);
    expect(await names({ from: '2024-05-10T09:00:00Z', to: '2024-05-11T10:00:00+01:00' })).toEqual([
      'Invitee 1',
      'Invitee 2',
    ]);
    expect(await names({ from: '2024-05-10T09:00:00.000001Z' })).toEqual(['Invitee 3']);
    await expect(list('filters', { from: 'soon' })).rejects.toMatchObject({ code: 'request_invalid' });
    for (const cursor of ['x', 'WyIiXQ', Buffer.from('["","1 or 1=1"]').toString('base64url')]) {
      await expect(list('filters', { cursor })).rejects.toMatchObject({ code: 'cursor_invalid' });
    }
  });

  test('shows only what belongs to the current account of this tenant', async () => {
    await storeConnection(database.db, 'switching', FIXTURE_ACCOUNT);
    await storeConnection(database.db, 'bystander', FIXTURE_ACCOUNT);
    await apply('switching', fixture('invitee-created'));
    await apply('switching', fixture('zoom-created'), 'https://api.calendly.com/users/second');
    expect((await list('switching')).items.map(({ name }) => name)).toEqual(['Ada Berg']);
    expect((await list('bystander')).items).toEqual([]);
    await storeConnection(database.db, 'switching', 'https://api.calendly.com/users/second');
    expect((await list('switching')).items.map(({ name }) => name)).toEqual(['Noor Zoë 渡辺']);
    await storeConnection(database.db, 'switching', null);
    expect((await list('switching')).items).toEqual([]);
    expect((await list('unknown')).items).toEqual([]);
  });
});
