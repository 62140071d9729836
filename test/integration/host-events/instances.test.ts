import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { connectTenant } from '../../support/service/connect-tenant.ts';
import { startTestService, type TestService } from '../../support/service/start-test-service.ts';
import { createTestDatabase, type TestDatabase } from '../../support/postgres/test-database.ts';
import { waitFor } from '../../support/service/wait-for.ts';
import { startReceiver, type Receiver } from '../../support/service/start-receiver.ts';

describe('two instances', () => {
  let receiver: Receiver;
  let database: TestDatabase;
  let one: TestService;
  let two: TestService;
  beforeAll(async () => {
    receiver = await startReceiver();
    database = await createTestDatabase();
    one = await startTestService({ database, env: receiver.env });
    two = await startTestService({
      database,
      sharedSandbox: one.sandbox,
      env: { ...receiver.env, PUBLIC_URL: one.url },
    });
    await connectTenant(one, 'acme', 'alice');
  });
  afterAll(async () => {
    receiver.letGo();
    await two.stop();
    await one.stop();
    await receiver.close();
    await database.close();
  });
  const book = (n: number) =>
    one.sandbox.controls.book({ account: 'alice', name: `Guest ${n}`, email: 'guest@guest.example' });
  const created = () =>
    receiver.received.filter(({ event }) => event.type === 'meeting.created').map(({ event }) => event.data.name);

  test('send each event once between them', async () => {
    for (let n = 0; n < 20; n++) book(n);
    await waitFor(() => created().length >= 20, { describe: 'twenty events', timeoutMs: 15_000 });
    await waitFor(async () => (await one.api('GET', '/v1/events/outgoing?status=waiting')).body.items.length === 0, {
      describe: 'all known as sent',
    });
    expect(created()).toHaveLength(20);
    expect(new Set(created()).size).toBe(20);
  });

  test('wait for what is in hand when they stop, so that it is not sent again', async () => {
    receiver.answerWith(() => 'hang');
    for (let n = 20; n < 28; n++) book(n);
    // One tenant's share, of each of the two.
    await waitFor(() => created().length === 28, { describe: 'all in hand', timeoutMs: 15_000 });
    const stopped = two.service.stop();
    receiver.answerWith(() => 204);
    receiver.letGo();
    await stopped;
    await waitFor(async () => (await one.api('GET', '/v1/events/outgoing?status=waiting')).body.items.length === 0, {
      describe: 'all known as sent',
    });
    expect(created()).toHaveLength(28);
  });
});
