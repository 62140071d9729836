import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { appendHostEvent } from '../../../src/host-events/append-host-event.ts';
import { chooseEvents } from '../../../src/host-events/choose-events.ts';
import { claimEvents, type ClaimedEvent } from '../../../src/host-events/claim-events.ts';
import { findDueEvents } from '../../../src/host-events/find-due-events.ts';
import { listHostEvents } from '../../../src/host-events/list-host-events.ts';
import { resendEvents } from '../../../src/host-events/resend-events.ts';
import { createPostSlots } from '../../../src/host-events/post-slots.ts';
import type { SendFailure } from '../../../src/host-events/send-event.ts';
import { sequenceEvents } from '../../../src/host-events/sequence-events.ts';
import { storePostOutcome } from '../../../src/host-events/store-post-outcome.ts';
import { createTestDatabase, type TestDatabase } from '../../support/postgres/test-database.ts';

const start = new Date('2026-05-01T00:00:00Z');
const at = (seconds: number) => new Date(start.getTime() + seconds * 1000);
const refused: SendFailure = { code: 'refused', status: 500, retryAfterSeconds: 0 };
const limits = { parkAfterMs: 72 * 3_600_000, random: 0 };

describe('claims of events to be sent', () => {
  let database: TestDatabase;
  beforeAll(async () => void (database = await createTestDatabase()));
  afterAll(() => database.close());

  /** Writes events, each with its lanes, and gives them their places. */
  async function write(...events: string[][]): Promise<string[]> {
    const ids = events.map(() => randomUUID());
    await database.db.transaction().execute(async (trx) => {
      await trx.deleteFrom('host_event').execute();
      for (const [index, lanes] of events.entries()) {
        await appendHostEvent(trx, {
          id: ids[index]!,
          type: 'connection.warning',
          at: start,
          tenantId: 'acme',
          lanes,
          data: { code: 'gap_found', message: '', details: {} },
        });
      }
    });
    await sequenceEvents(database.db, { sending: true, now: start });
    return ids;
  }
  const claim = async (seconds: number): Promise<ClaimedEvent[]> => {
    const claimed: ClaimedEvent[] = [];
    for (const kind of ['first', 'retry'] as const) {
      const slots = createPostSlots({ quick: 10, slow: 0, share: 10 }, () => {});
      const { due } = await findDueEvents(database.db, kind, at(seconds));
      claimed.push(...(await claimEvents(database.db, chooseEvents(due, { slots, tried: new Set() }), at(seconds))));
    }
    return claimed.sort((one, other) => one.position - other.position);
  };
  const idsOf = (claimed: { id: string }[]) => claimed.map(({ id }) => id);

  test('are over after a minute, so that what a killed instance had in hand is sent after all', async () => {
    const [id] = await write(['a']);
    const [lost] = await claim(0);
    expect(lost).toMatchObject({ id, attempts: 1 });
    expect(await claim(59)).toEqual([]);
    const [again] = await claim(60);
    expect(again).toMatchObject({ id, attempts: 2, body: lost!.body, firstAttemptAt: start });
    // The first one was only frozen: what it has to say counts no more.
    await storePostOutcome(database.db, lost!, refused, { ...limits, now: at(61) });
    expect(await storePostOutcome(database.db, again!, null, { ...limits, now: at(62) })).toBe('sent');
    expect((await listHostEvents(database.db, { limit: 1 })).items).toMatchObject([
      { status: 'sent', attempts: 2, sentAt: at(62).toISOString() },
    ]);
  });

  test('are told apart, though each is the first of its count', async () => {
    const [id] = await write(['a']);
    const [frozen] = await claim(0);
    await resendEvents(database.db, { id }, at(61));
    const [again] = await claim(61);
    expect([frozen!.attempts, again!.attempts]).toEqual([1, 1]);
    expect(await storePostOutcome(database.db, frozen!, refused, { ...limits, now: at(62) })).toBe('overtaken');
    expect(await claim(67)).toEqual([]);
    expect(await storePostOutcome(database.db, again!, null, { ...limits, now: at(68) })).toBe('sent');
  });

  test('hold back what shares a lane, a reschedule between its two meetings included', async () => {
    const [created, other, rescheduled, canceled] = await write(['old'], ['apart'], ['old', 'new'], ['new']);
    const first = await claim(0);
    expect(idsOf(first)).toEqual([created, other]);
    await storePostOutcome(database.db, first[0]!, refused, { ...limits, now: at(1) });
    await storePostOutcome(database.db, first[1]!, null, { ...limits, now: at(1) });
    expect(await claim(5)).toEqual([]);
    const second = await claim(6);
    expect(idsOf(second)).toEqual([created]);
    await storePostOutcome(database.db, second[0]!, null, { ...limits, now: at(7) });
    const third = await claim(7);
    expect(idsOf(third)).toEqual([rescheduled]);
    await storePostOutcome(database.db, third[0]!, null, { ...limits, now: at(8) });
    expect(idsOf(await claim(8))).toEqual([canceled]);
  });

  test('begin anew with all that was held back when an operator sends again', async () => {
    const [first, second] = await write(['a'], ['a']);
    await storePostOutcome(
      database.db,
      (await claim(0))[0]!,
      { ...refused, retryAfterSeconds: 3_600 },
      { ...limits, now: at(1) },
    );
    expect(await claim(60)).toEqual([]);
    expect(await resendEvents(database.db, { id: first }, at(60))).toBe(1);
    const [again] = await claim(60);
    expect(again).toMatchObject({ id: first, attempts: 1 });
    await storePostOutcome(database.db, again!, null, { ...limits, now: at(61) });
    expect(idsOf(await claim(61))).toEqual([second]);
  });

  test('are never shared by many who look at once', async () => {
    const ids = await write(...Array.from({ length: 30 }, (_, n) => [`lane ${n}`]));
    const claimed = (await Promise.all(Array.from({ length: 8 }, () => claim(0)))).flat();
    expect(new Set(idsOf(claimed)).size).toBe(claimed.length);
    expect([...idsOf(claimed), ...idsOf((await Promise.all([claim(0), claim(0), claim(0)])).flat())].sort()).toEqual(
      ids.sort(),
    );
  });
});
