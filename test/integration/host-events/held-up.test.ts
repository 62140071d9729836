import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { lockLanes, meetingLane } from '../../../src/host-events/lanes.ts';
import { startTestService, type TestService } from '../../support/service/start-test-service.ts';
import { waitFor } from '../../support/service/wait-for.ts';
import { startReceiver, type Receiver } from '../../support/service/start-receiver.ts';
import { writeEvents } from './write-events.ts';

/** Held for long already. */
const halfOf = (tenantId: string) => ({
  meeting_id: randomUUID(),
  partner_id: randomUUID(),
  tenant_id: tenantId,
  type: 'meeting.created',
  data: '{}',
  held_at: new Date(0),
});

describe("while one tenant's row or lane is locked", () => {
  let running: TestService;
  let receiver: Receiver;
  beforeAll(async () => {
    receiver = await startReceiver();
    running = await startTestService({ env: receiver.env });
  });
  afterAll(async () => {
    await running.stop();
    await receiver.close();
  });
  const told = (code: string) => receiver.taken(({ data }) => data.code === code).length > 0;

  test('others are told, though a half of a reschedule waits for its lane', async () => {
    const { db } = running.database;
    const meetingId = randomUUID();
    const holder = await db.startTransaction().execute();
    await lockLanes(holder, [meetingLane(meetingId)]);
    await db
      .insertInto('host_event_half')
      .values({ ...halfOf('held'), meeting_id: meetingId })
      .execute();
    // A half of another tenant goes out past the locked one, and so do events.
    await db.insertInto('host_event_half').values(halfOf('other')).execute();
    await writeEvents(db, [{ tenantId: 'other', code: 'beside a half' }]);
    await waitFor(() => told('beside a half'));
    await waitFor(() => receiver.taken(({ type }) => type === 'meeting.created').length === 1);
    expect(receiver.taken(({ tenantId }) => tenantId === 'held')).toEqual([]);
    await holder.rollback().execute();
    await waitFor(() => receiver.taken(({ tenantId }) => tenantId === 'held').length === 1);
  });

  test('others get their places in the feed, and its own keep their order', async () => {
    const { db } = running.database;
    // Nothing gets a place before the row is locked.
    const feed = await db.startTransaction().execute();
    await feed.selectFrom('host_event_feed').selectAll().forUpdate().execute();
    const [id] = await writeEvents(db, [{ tenantId: 'locked', code: 'first' }]);
    const holder = await db.startTransaction().execute();
    await holder.selectFrom('host_event').select('id').where('id', '=', id!).forUpdate().execute();
    await writeEvents(db, [
      { tenantId: 'locked', code: 'second' },
      { tenantId: 'other', code: 'beside a row' },
    ]);
    await feed.rollback().execute();
    await waitFor(() => told('beside a row'));
    expect(told('second')).toBe(false);
    await holder.rollback().execute();
    await waitFor(() => told('second'));
    expect(receiver.taken(({ tenantId }) => tenantId === 'locked').map(({ data }) => data.code)).toEqual([
      'first',
      'second',
    ]);
  });
});
