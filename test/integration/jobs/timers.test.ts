import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { timerSource, type DueTimer } from '../../../src/jobs/timer-source.ts';
import { createTestDatabase, type TestDatabase } from '../../support/postgres/test-database.ts';

describe('timers that are taken from their table', () => {
  let database: TestDatabase;
  beforeAll(async () => {
    database = await createTestDatabase();
  });
  afterAll(() => database.close());
  beforeEach(() => database.db.deleteFrom('timer').execute());

  const set = async (count: number, dueAt = new Date(Date.now() - 60_000)) => {
    await database.db
      .insertInto('timer')
      .values(
        Array.from({ length: count }, (_, index) => ({
          tenant_id: `tenant-${index}`,
          name: 'watch',
          job_id: randomUUID(),
          due_at: dueAt,
          event: '{}',
        })),
      )
      .execute();
  };
  const tenantsOf = (timers: readonly DueTimer[]) => timers.map(({ tenantId }) => tenantId).sort();
  /** Time passes for what is claimed or put off. */
  const pass = (seconds: number) =>
    database.pool.query('update timer set claimed_until = claimed_until - make_interval(secs => $1)', [seconds]);

  test('several instances share what is due, and nobody gets what another one has', async () => {
    await set(40);
    const batches = await Promise.all(Array.from({ length: 8 }, () => timerSource(database.db).fetch(5)));
    expect(new Set(batches.flat().map(({ tenantId }) => tenantId)).size).toBe(batches.flat().length);
    const rest = await timerSource(database.db).fetch(100);
    expect(batches.flat().length + rest.length).toBe(40);
    expect(await timerSource(database.db).fetch(100)).toEqual([]);
  });

  test('what is not due is left, and what a dead worker had comes back 15 s after its last sign of life', async () => {
    await set(1, new Date(Date.now() + 60_000));
    const source = timerSource(database.db);
    expect(await source.fetch(10)).toEqual([]);
    await database.db
      .updateTable('timer')
      .set({ due_at: new Date(0) })
      .execute();
    const first = await source.fetch(10);
    expect(tenantsOf(first)).toEqual(['tenant-0']);
    await pass(10);
    await source.touch(first);
    await pass(10);
    expect(await source.fetch(10)).toEqual([]);
    await pass(5);
    expect(await source.fetch(10)).toEqual(first);
  });

  test('one that fails is tried again later and later, a minute at most, and holds up nobody', async () => {
    await set(2);
    const source = timerSource(database.db);
    const [failing, other] = await source.fetch(2);
    const pauses: number[] = [];
    for (let time = 0; time < 8; time++) {
      await source.fail(failing!, new Error('no'));
      const { rows } = await database.pool.query<{ pause: string }>(
        'select extract(epoch from claimed_until - now())::int as pause from timer where job_id = $1',
        [failing!.id],
      );
      pauses.push(Number(rows[0]!.pause));
    }
    expect(pauses).toEqual([1, 2, 4, 8, 16, 32, 60, 60]);
    await pass(15);
    expect(await source.fetch(2)).toEqual([other]);
  });

  test('a timer that was set anew is another one: what is said of the former does not concern it', async () => {
    await set(1);
    const source = timerSource(database.db);
    const [former] = await source.fetch(1);
    await database.db.updateTable('timer').set({ job_id: randomUUID(), claimed_until: null }).execute();
    await source.touch([former!]);
    await source.fail(former!, new Error('no'));
    expect(await source.fetch(1)).toHaveLength(1);
  });
});
