import { expect, test } from 'vitest';
import { giveConsent } from '../../support/calendly/give-consent.ts';
import { createTestDatabase } from '../../support/postgres/test-database.ts';
import { waitFor } from '../../support/service/wait-for.ts';
import { noticeGaps } from '../../../src/upkeep/notice-gaps.ts';
import { startSandbox } from '../../../src/sandbox/index.ts';
import { CLIENT, startTestService } from '../../support/service/start-test-service.ts';

const tenant = '/v1/tenants/acme';

test('what was booked while no instance was running is there after the next start, and counted as recovered', async () => {
  const database = await createTestDatabase();
  const sandbox = await startSandbox(CLIENT);
  const first = await startTestService({ database, sharedSandbox: sandbox });
  const asked = await first.api('POST', `${tenant}/connection/connect`);
  await giveConsent(asked.body.authorizeUrl, 'alice');
  await waitFor(
    async () =>
      (await first.api('GET', `${tenant}/history`)).body.items.some(
        (row: { event?: { type: string } }) => row.event?.type === 'backfill.completed',
      ),
    { describe: 'the first back-fill' },
  );
  await first.stop();

  sandbox.controls.deliveries.configure({ dropNext: 10 });
  sandbox.controls.book({ account: 'alice', name: 'Overnight', email: 'night@guest.example' });
  await sandbox.controls.deliveries.idle();
  await database.db
    .updateTable('service_run')
    .set({ last_seen_at: new Date(Date.now() - 3_600_000) })
    .execute();

  const second = await startTestService({ database, sharedSandbox: sandbox, port: Number(new URL(first.url).port) });
  const [meeting] = await waitFor(
    async () => {
      const { items } = (await second.api('GET', `${tenant}/meetings`)).body;
      return items.length > 0 ? items : undefined;
    },
    { describe: 'the missed meeting' },
  );
  expect(meeting).toMatchObject({ name: 'Overnight', source: 'backfill' });
  const run = await waitFor(
    () =>
      database.db
        .selectFrom('backfill')
        .selectAll()
        .where('reason', '=', 'gap')
        .where('finished_at', 'is not', null)
        .executeTakeFirst(),
    { describe: 'the end of the back-fill' },
  );
  expect(run).toMatchObject({ recovered: 1 });
  await second.stop();
  await sandbox.close();
  await database.close();
});

test('organization scope refused to a plain member falls back to user scope where the settings allow it', async () => {
  const running = await startTestService({
    env: { CALENDLY_WEBHOOK_SCOPE: 'organization', CALENDLY_WEBHOOK_SCOPE_FALLBACK: 'user' },
  });
  const asked = await running.api('POST', `${tenant}/connection/connect`);
  await giveConsent(asked.body.authorizeUrl, 'dave');
  const now = await waitFor(
    async () => {
      const { body } = await running.api('GET', `${tenant}/connection`);
      return body.state === 'connected' ? body : undefined;
    },
    { describe: 'connected' },
  );
  expect(now).toMatchObject({ delivery: 'webhooks', subscription: { scope: 'user' }, debts: [] });
  const again = await running.api('POST', `${tenant}/connection/connect`);
  expect(again.body.connection).toMatchObject({ state: 'connected', subscription: { uri: now.subscription.uri } });
  expect(running.sandbox.controls.subscriptions({ account: 'dave', includeDeleted: true })).toHaveLength(1);
  await running.stop();
});

test('a delivery that Calendly never sent is found by the back-fill that comes once a day, and a gap is remembered until all are asked', async () => {
  const running = await startTestService();
  const { database, sandbox, service } = running;
  const asked = await running.api('POST', `${tenant}/connection/connect`);
  await giveConsent(asked.body.authorizeUrl, 'alice');
  const finished = (run: number) =>
    waitFor(
      () =>
        database.db
          .selectFrom('backfill')
          .selectAll()
          .where('run', '=', run)
          .where('finished_at', 'is not', null)
          .executeTakeFirst(),
      { describe: `the end of back-fill ${run}` },
    );
  await finished(1);
  sandbox.controls.deliveries.dropNext(1);
  sandbox.controls.book({ account: 'alice', name: 'Never announced', email: 'never@guest.example' });
  expect(await noticeGaps(database.db, service.deps, 24)).toBe(0);

  await database.db
    .updateTable('connection')
    .set({ backfill_asked_at: new Date(Date.now() - 30 * 3_600_000) })
    .execute();
  expect(await noticeGaps(database.db, service.deps, 24)).toBe(1);
  expect(await finished(2)).toMatchObject({ reason: 'daily', recovered: 1 });
  expect((await running.api('GET', `${tenant}/meetings`)).body.items).toMatchObject([
    { name: 'Never announced', source: 'backfill' },
  ]);
  expect(await noticeGaps(database.db, service.deps, 24)).toBe(0);

  // Noticed by an instance that was killed before it had asked for this tenant's meetings
  const { gap_since: none } = await database.db.selectFrom('service_run').select('gap_since').executeTakeFirstOrThrow();
  expect(none).toBeNull();
  await database.db
    .updateTable('service_run')
    .set({ gap_since: new Date(Date.now() - 3_600_000), gap_until: new Date() })
    .execute();
  expect(await noticeGaps(database.db, service.deps, 24)).toBe(1);
  await finished(3);
  expect(await noticeGaps(database.db, service.deps, 24)).toBe(0);
  await running.stop();
});
