import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { startTestService, type TestService } from '../../support/service/start-test-service.ts';
import { waitFor } from '../../support/service/wait-for.ts';
import { startReceiver, type Receiver } from '../../support/service/start-receiver.ts';
import { writeEvents } from './write-events.ts';

describe('sending an event again', () => {
  let running: TestService;
  let receiver: Receiver;
  let markers = 0;
  beforeAll(async () => {
    receiver = await startReceiver();
    running = await startTestService({ env: receiver.env });
  });
  afterAll(async () => {
    receiver.letGo();
    await running.stop();
    await receiver.close();
  });
  afterEach(() => {
    receiver.answerWith(() => 204);
    receiver.letGo();
  });
  const write = (...events: Parameters<typeof writeEvents>[1]) => writeEvents(running.database.db, events);
  const codes = (tenantId: string) =>
    receiver.received.filter(({ event }) => event.tenantId === tenantId).map(({ event }) => event.data.code);
  const resend = (id: string) => running.api('POST', `/v1/events/${id}/resend`);
  const outgoing = async (tenantId: string) =>
    (await running.api('GET', `/v1/events/outgoing?tenantId=${tenantId}`)).body.items;
  /** Whatever could be sent by now has been: an event of another tenant, written later, was. */
  const othersSent = async () => {
    const code = `marker ${markers++}`;
    await write({ tenantId: 'other', code });
    await waitFor(() => codes('other').includes(code), { describe: code });
  };
  const allSent = (tenantId: string) =>
    waitFor(async () => (await outgoing(tenantId)).every((item: any) => item.status === 'sent'));

  test('waits for the attempt that is under way, and comes before what follows in its lane', async () => {
    receiver.answerWith(({ tenantId }) => (tenantId === 'gated' ? 'hang' : 204));
    const [id] = await write({ tenantId: 'gated', code: 'one' }, { tenantId: 'gated', code: 'two' });
    await waitFor(() => receiver.hanging() === 1);
    expect(await resend(id!)).toMatchObject({ status: 202, body: { resent: 1 } });
    expect(await resend(id!)).toMatchObject({ status: 202, body: { resent: 1 } });
    await othersSent();
    expect(codes('gated')).toEqual(['one']);
    expect((await outgoing('gated')).map(({ status, attempts }: any) => [status, attempts])).toEqual([
      ['waiting', 0],
      ['waiting', 1],
    ]);

    receiver.answerWith(() => 204);
    receiver.letGo();
    await allSent('gated');
    expect(codes('gated')).toEqual(['one', 'one', 'two']);
    expect((await outgoing('gated')).map(({ attempts }: any) => attempts)).toEqual([1, 1]);
  });

  test('happens at once after an attempt under way that fails, with the whole time for retries', async () => {
    receiver.answerWith(() => 'hang');
    const [id] = await write({ tenantId: 'failing', code: 'one' });
    await waitFor(() => receiver.hanging() === 1);
    await resend(id!);
    receiver.answerWith(() => 204);
    receiver.letGo(503);
    await allSent('failing');
    expect(codes('failing')).toEqual(['one', 'one']);
    expect(await outgoing('failing')).toMatchObject([{ attempts: 1, lastError: null }]);
  });

  test('waits for a younger event of its lane that is under way', async () => {
    const [id] = await write({ tenantId: 'older', code: 'one' });
    await allSent('older');
    receiver.answerWith(({ data }) => (data.code === 'two' ? 'hang' : 204));
    await write({ tenantId: 'older', code: 'two' });
    await waitFor(() => receiver.hanging() === 1);
    await resend(id!);
    await othersSent();
    expect(codes('older')).toEqual(['one', 'two']);
    receiver.letGo();
    await allSent('older');
    expect(codes('older')).toEqual(['one', 'two', 'one']);
  });

  test('sends more parked ones than fit into a batch, in their order', { timeout: 120_000 }, async () => {
    const { db } = running.database;
    const parked = Array.from({ length: 1_200 }, (_, n) => ({
      tenantId: `parked ${n % 50}`.replace(' ', '-'),
      code: String(n),
    }));
    receiver.answerWith(() => 503);
    await write(...parked);
    await waitFor(
      async () => (await db.selectFrom('host_event').select('id').where('position', 'is', null).execute()).length === 0,
      { timeoutMs: 30_000 },
    );
    await db
      .updateTable('host_event')
      .set({ status: 'parked', parked_at: new Date(), claimed_until: null })
      .where('status', '=', 'waiting')
      .execute();
    receiver.received.length = 0;
    receiver.answerWith(() => 204);
    expect(await running.api('POST', '/v1/events/resend-parked')).toMatchObject({
      status: 202,
      body: { resent: 1_200 },
    });
    // An attempt that was under way when they were parked can be answered with 204, too: that event comes twice.
    await waitFor(() => new Set(receiver.taken().map(({ id }) => id)).size === 1_200, {
      timeoutMs: 60_000,
      describe: 'all of them',
    });
    expect([...new Set(codes('parked-7'))]).toEqual(
      parked.filter(({ tenantId }) => tenantId === 'parked-7').map(({ code }) => code),
    );
  });
});
