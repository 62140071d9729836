import { randomBytes, randomUUID } from 'node:crypto';
import { sql } from 'kysely';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createSealedBox } from '../../../src/grants/sealed-box.ts';
import { projectDeliveries } from '../../../src/deliveries/project-deliveries.ts';
import { receiveDeliveries } from '../../../src/deliveries/receive-delivery.ts';
import { lockMeetingLanes } from '../../../src/host-events/lanes.ts';
import { listHeldHalves } from '../../../src/host-events/list-host-events.ts';
import { releaseDueHalves } from '../../../src/host-events/reschedule-halves.ts';
import { FIXTURE_ACCOUNT } from '../../support/calendly/delivery-fixtures.ts';
import { groupDelivery } from '../../support/calendly/group-deliveries.ts';
import { signDelivery } from '../../support/calendly/sign-delivery.ts';
import { storeConnection } from '../../support/postgres/store-connection.ts';
import { storeSubscription } from '../../support/postgres/store-subscription.ts';
import { createTestDatabase, type TestDatabase } from '../../support/postgres/test-database.ts';
import { countStatements } from '../../support/service/count-statements.ts';

const at = new Date('2026-05-01T12:00:00.250Z');
let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.close());

/** Halves that are due, a second apart, oldest first. */
async function hold(tenantId: string, count: number): Promise<string[]> {
  const ids = Array.from({ length: count }, () => randomUUID());
  await sql`insert into host_event_half (meeting_id, partner_id, tenant_id, type, data, held_at)
    select id, gen_random_uuid(), ${tenantId}, 'meeting.created', '{}', ${at}::timestamptz - make_interval(secs => ${count} - place)
    from unnest(${ids}::uuid[]) with ordinality as half (id, place)`.execute(database.db);
  return ids;
}
const told = async (tenantId: string) =>
  (
    await database.db.selectFrom('host_event').select('body').where('tenant_id', '=', tenantId).orderBy('seq').execute()
  ).map(({ body }) => body as { type: string; timestamp: string });

test('halves that are due go out together, oldest first, and past those that somebody else is at', async () => {
  const locked = await hold('locked', 12);
  const [alone] = await hold('alone', 2);
  const free = await hold('free', 12);
  const counted = countStatements(database.db);
  await database.db.transaction().execute(async (trx) => {
    await lockMeetingLanes(
      trx,
      locked.map((meetingId) => ({ tenantId: 'locked', meetingId })),
    );
    await lockMeetingLanes(trx, [{ tenantId: 'alone', meetingId: alone! }]);
    // Fewer at once than those that are locked: it goes on to the next.
    expect(await releaseDueHalves(counted.db, at, 5)).toBe(13);
  });
  // Six looks of five, four statements each.
  expect(counted.count()).toBeLessThanOrEqual(6 * 4);
  const times = (await told('free')).map(({ timestamp }) => timestamp);
  expect(times).toHaveLength(free.length);
  expect(times).toEqual(times.toSorted());
  expect((await listHeldHalves(database.db, 'alone')).map(({ meetingId }) => meetingId)).toEqual([alone]);
  expect(await releaseDueHalves(database.db, at)).toBe(13);
});

test('a half is not kept back for a mere update of a meeting that was told of by itself', async () => {
  const box = createSealedBox([{ id: 'k', key: randomBytes(32) }]);
  await storeConnection(database.db, 'late', FIXTURE_ACCOUNT);
  const { id, signingKey } = await storeSubscription(database.db, box, {
    tenantId: 'late',
    accountUri: FIXTURE_ACCOUNT,
  });
  const receive = receiveDeliveries({ db: database.db, box, now: () => at });
  const store = async (...envelopes: object[]) => {
    for (const envelope of envelopes) {
      const rawBody = Buffer.from(JSON.stringify(envelope));
      await receive({ subscriptionId: id, rawBody, signatureHeader: signDelivery(rawBody, signingKey, at) });
    }
    await projectDeliveries(database.db);
  };
  const old = groupDelivery('Old', 'Ann');
  const moved = groupDelivery('New', 'Ann');
  // The new meeting was told of by itself; its other half comes in one batch with a change of the new meeting.
  await store(old, moved);
  expect((await told('late')).map(({ type }) => type)).toEqual(['meeting.created', 'meeting.created']);
  const canceled = groupDelivery('Old', 'Ann', { canceled: true });
  Object.assign(canceled.payload, { rescheduled: true, new_invitee: moved.payload.uri });
  const renamed = structuredClone(moved);
  Object.assign(renamed.payload, { name: 'Ann Other', updated_at: '2026-05-01T11:59:00.000000Z' });
  await store(canceled, renamed);
  expect((await told('late')).map(({ type }) => type)).toEqual([
    'meeting.created',
    'meeting.created',
    'meeting.canceled',
    'meeting.updated',
  ]);
  expect(await listHeldHalves(database.db, 'late')).toEqual([]);
});
