import { describe, expect, test } from 'vitest';
import { connectTenant } from '../../support/service/connect-tenant.ts';
import { makeTimerDue } from '../../support/service/make-timer-due.ts';
import { account, running } from '../../support/service/service-of-file.ts';
import { waitFor } from '../../support/service/wait-for.ts';
import { book, inDays, meetings, over, runs, serveBackfills, warnings } from './backfilled-service.ts';

serveBackfills();

describe('an event that Calendly cannot show', () => {
  const cases = {
    500: { status: 500 },
    403: {
      status: 403,
      body: { title: 'Permission Denied', message: 'You do not have permission to access this resource.' },
    },
  } as const;
  test.each(['500', '403'] as const)('%s: is left out, said, and there once Calendly shows it', async (status) => {
    const slug = `broken-${status}`;
    account(slug);
    const all = Array.from({ length: 5 }, (_, index) => book(slug, `Guest ${index}`, inDays(1 + index)));
    const broken = all[1]!.eventUri.split('/').at(-1)!;
    running.sandbox.controls.faults.add({
      path: `/scheduled_events/${broken}/invitees`,
      kind: 'respond',
      times: 'forever',
      ...cases[status],
    });
    await connectTenant(running, slug, slug);
    await waitFor(async () => (await meetings(slug)).length === 4, { describe: 'the rest', timeoutMs: 15_000 });
    await over(slug);
    const told = async () => (await warnings(slug)).map(({ code }) => code);
    await waitFor(async () => (await told()).length > 0);
    expect(await told()).toEqual(['backfill_incomplete']);
    // Tried again, and failing again, it is not said again.
    await running.database.db
      .updateTable('unreadable_event')
      .set({ next_at: new Date(0) })
      .where('tenant_id', '=', slug)
      .execute();
    await makeTimerDue(running.database, slug, 'backfill');
    await waitFor(async () => (await runs(slug)).length === 2);
    expect((await over(slug)).at(-1)).toMatchObject({ reason: 'skipped' });
    expect(await told()).toEqual(['backfill_incomplete']);

    running.sandbox.controls.faults.clear();
    await running.database.db
      .updateTable('unreadable_event')
      .set({ next_at: new Date(0) })
      .where('tenant_id', '=', slug)
      .execute();
    await makeTimerDue(running.database, slug, 'backfill');
    await waitFor(async () => (await meetings(slug)).length === 5, { describe: 'the event', timeoutMs: 10_000 });
    await waitFor(
      async () =>
        (
          await running.database.db
            .selectFrom('timer')
            .select('name')
            .where('tenant_id', '=', slug)
            .where('name', '=', 'backfill')
            .execute()
        ).length === 0,
    );
  });

  test('alone in an account is left out after a few tries, while Calendly as a whole being down leaves out nothing', async () => {
    account('alone');
    const only = book('alone', 'Only Guest', inDays(1));
    running.sandbox.controls.faults.add({
      path: `/scheduled_events/${only.eventUri.split('/').at(-1)}/invitees`,
      kind: 'respond',
      status: 500,
      times: 'forever',
    });
    await connectTenant(running, 'alone', 'alone');
    for (let round = 0; round < 2; round++) {
      await waitFor(async () => (await runs('alone'))[0]?.stalled === round + 1, { describe: 'the run to break off' });
      await waitFor(
        async () =>
          (
            await running.database.db
              .selectFrom('timer')
              .select('name')
              .where('tenant_id', '=', 'alone')
              .where('name', '=', 'backfill')
              .execute()
          ).length === 1,
      );
      expect(
        await running.database.db.selectFrom('unreadable_event').selectAll().where('tenant_id', '=', 'alone').execute(),
      ).toEqual([]);
      await makeTimerDue(running.database, 'alone', 'backfill');
    }
    await over('alone');
    expect(
      await running.database.db
        .selectFrom('unreadable_event')
        .select('tries')
        .where('tenant_id', '=', 'alone')
        .execute(),
    ).toEqual([{ tries: 1 }]);
  });
});

describe('what cannot be read', () => {
  test('of a page hides neither the other events nor the other invitees', async () => {
    account('odd');
    const [first, second] = [book('odd', 'First Guest', inDays(1)), book('odd', 'Second Guest', inDays(2))];
    const events = [first, second].map(({ eventUri, startTime }) => ({
      uri: eventUri,
      start_time: startTime,
      status: 'active',
      updated_at: '2026-01-01T00:00:00.000000Z',
    }));
    running.sandbox.controls.faults.add({
      path: '/scheduled_events',
      kind: 'respond',
      status: 200,
      times: 'forever',
      body: {
        collection: [{ name: 'no identity' }, events[0], { uri: 'x', start_time: 7 }, events[1]],
        pagination: { next_page_token: null },
      },
    });
    const uuid = first.eventUri.split('/').at(-1);
    running.sandbox.controls.faults.add({
      path: `/scheduled_events/${uuid}/invitees`,
      kind: 'respond',
      status: 200,
      times: 'forever',
      body: {
        collection: [
          { email: 'nobody@guest.example' },
          { uri: first.inviteeUri, name: 'First Guest', status: 'active', updated_at: '2026-01-01T00:00:00.000000Z' },
        ],
        pagination: {},
      },
    });
    await connectTenant(running, 'odd', 'odd');
    await over('odd');
    expect((await meetings('odd')).map(({ name }) => name).sort()).toEqual(['First Guest', 'Second Guest']);
    expect(
      await running.database.db.selectFrom('unreadable_event').select('code').where('tenant_id', '=', 'odd').execute(),
    ).toEqual([{ code: 'invitee_unreadable' }]);
  });
});
