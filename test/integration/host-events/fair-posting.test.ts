import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { startTestService, type TestService } from '../../support/service/start-test-service.ts';
import { createTestDatabase, type TestDatabase } from '../../support/postgres/test-database.ts';
import { waitFor } from '../../support/service/wait-for.ts';
import { startReceiver, type Receiver } from '../../support/service/start-receiver.ts';
import { writeEvents, type WrittenEvent } from './write-events.ts';

/** What one instance has in hand of one tenant at most, of first attempts and of retries each; see docs/host-events.md. */
const SHARE = 4;

describe.each([{ instances: 1 }, { instances: 2 }])('posting with $instances instances', ({ instances }) => {
  let receiver: Receiver;
  let database: TestDatabase;
  const services: TestService[] = [];
  let ahead = 0;
  beforeAll(async () => {
    receiver = await startReceiver();
    database = await createTestDatabase();
    for (let n = 0; n < instances; n++) {
      const [first] = services;
      services.push(
        await startTestService({
          database,
          env: { ...receiver.env, ...(first ? { PUBLIC_URL: first.url } : {}) },
          now: () => new Date(Date.now() + ahead),
          ...(first ? { sharedSandbox: first.sandbox } : {}),
        }),
      );
    }
  });
  afterAll(async () => {
    receiver.letGo();
    for (const service of services.toReversed()) await service.stop();
    await receiver.close();
    await database.close();
  });
  afterEach(async () => {
    receiver.answerWith(() => 204);
    receiver.letGo();
    ahead = 0;
    await database.db.deleteFrom('host_event').execute();
    receiver.received.length = 0;
  });
  const write = (events: WrittenEvent[]) => writeEvents(database.db, events);
  const several = (count: number, event: (n: number) => WrittenEvent) =>
    Array.from({ length: count }, (_, n) => event(n));
  const hangFor = (prefix: string) =>
    receiver.answerWith(({ tenantId }) => (tenantId.startsWith(prefix) ? 'hang' : 204));
  const first = (tenantId: string, status = 204) =>
    waitFor(() => receiver.received.find((each) => each.event.tenantId === tenantId && each.status === status), {
      describe: `${tenantId} answered ${status}`,
      timeoutMs: 60_000,
    });
  const inHandOf = (tenantId: string) =>
    receiver.received.filter(({ event, status }) => event.tenantId === tenantId && status === 0).length;

  test("sends a healthy tenant's event while those of forty others hang", async () => {
    hangFor('hanging');
    const before = receiver.givenUp();
    await write(several(40, (n) => ({ tenantId: `hanging-${n}`, code: 'hangs' })));
    await waitFor(() => receiver.hanging() > 8, { describe: 'more hanging events than there is room for fresh ones' });
    await write([{ tenantId: 'healthy', code: 'told' }]);
    expect((await first('healthy')).givenUpBefore).toBe(before);
  });

  test('gives everybody a turn before the second one of those who have long queues', async () => {
    hangFor('hanging');
    const before = receiver.givenUp();
    await write([
      ...several(1_200, (n) => ({ tenantId: `hanging-${n % 40}`, lanes: [`meeting:${n}`], code: 'hangs' })),
      { tenantId: 'healthy', code: 'told' },
    ]);
    const healthy = await first('healthy');
    expect(healthy.givenUpBefore).toBe(before);
    const earlier = receiver.received.slice(0, receiver.received.indexOf(healthy));
    // What began in the same look may have been received earlier.
    for (let n = 0; n < 40; n++)
      expect(earlier.filter(({ event }) => event.tenantId === `hanging-${n}`).length).toBeLessThanOrEqual(
        2 * instances,
      );
  });

  test("sends everybody else's while a tenant has three hundred meetings that hang, and takes little room for them", async () => {
    hangFor('hanging');
    const before = receiver.givenUp();
    await write([
      ...several(300, (n) => ({ tenantId: 'hanging', lanes: [`meeting:${n}`], code: 'hangs' })),
      ...several(20, (n) => ({ tenantId: `healthy-${n}`, code: 'told' })),
    ]);
    for (let n = 0; n < 20; n++) expect((await first(`healthy-${n}`)).givenUpBefore).toBe(before);
    expect(inHandOf('hanging')).toBeLessThanOrEqual(SHARE * instances);
  });

  test('sends first attempts and a healthy retry while forty retries hang', async () => {
    receiver.answerWith(() => 503);
    const ids = await write([
      ...several(40, (n) => ({ tenantId: `hanging-${n}`, code: 'hangs' })),
      { tenantId: 'retried', code: 'told' },
    ]);
    // By their ids: an attempt of the test before can still arrive.
    await waitFor(() => ids.every((id) => receiver.received.some(({ event }) => event.id === id)), {
      timeoutMs: 60_000,
      describe: 'a refusal of each',
    });
    await waitFor(
      async () =>
        (await database.db.selectFrom('host_event').select('id').where('last_error', 'is not', null).execute())
          .length === ids.length,
      { describe: 'all refusals stored' },
    );
    const before = receiver.givenUp();
    hangFor('hanging');
    await write([{ tenantId: 'healthy', code: 'told' }]);
    ahead = 60_000;
    expect((await first('healthy')).givenUpBefore).toBe(before);
    expect((await first('retried')).givenUpBefore).toBe(before);
  });

  test("sends a tenant's other meetings while three hundred changes of one wait behind a hanging one", async () => {
    receiver.answerWith(({ data }) => (data.code === 'hangs' ? 'hang' : 204));
    const before = receiver.givenUp();
    await write([
      ...several(300, () => ({ tenantId: 'mixed', lanes: ['meeting:hanging'], code: 'hangs' })),
      { tenantId: 'mixed', lanes: ['meeting:other'], code: 'told' },
    ]);
    expect((await first('mixed')).givenUpBefore).toBe(before);
    expect(inHandOf('mixed')).toBe(1);
  });

  test("keeps each lane's order, and sends each event once, while others hang", async () => {
    hangFor('hanging');
    await write(
      several(200, (n) =>
        n % 10 === 0
          ? { tenantId: `hanging-${n}`, code: 'hangs' }
          : { tenantId: `healthy-${n % 3}`, lanes: [`meeting:${n % 7}`], code: String(n) },
      ),
    );
    const told = () => receiver.taken(({ tenantId }) => tenantId.startsWith('healthy'));
    await waitFor(() => told().length >= 180, { describe: 'all of the healthy ones', timeoutMs: 60_000 });
    expect(told()).toHaveLength(180);
    for (let lane = 0; lane < 7; lane++) {
      const codes = told()
        .map(({ data }) => Number(data.code))
        .filter((n) => n % 7 === lane);
      expect(codes).toEqual(codes.toSorted((one, other) => one - other));
    }
  });
});
