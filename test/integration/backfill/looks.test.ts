import { describe, expect, test } from 'vitest';
import { MACHINE_VERSION } from '../../../machines/connection/index.ts';
import { noticeGaps } from '../../../src/upkeep/notice-gaps.ts';
import { connectionPath, connectTenant } from '../../support/service/connect-tenant.ts';
import { account, running } from '../../support/service/service-of-file.ts';
import { waitFor } from '../../support/service/wait-for.ts';
import { book, DAY_MS, inDays, meetings, over, runs, serveBackfills, warnings } from './backfilled-service.ts';

serveBackfills();

describe('a look at all meetings', () => {
  const due = (slug: string, daysAgo: number) =>
    running.database.db
      .updateTable('connection')
      .set({ backfill_asked_at: new Date(Date.now() - daysAgo * DAY_MS) })
      .where('tenant_id', '=', slug)
      .execute();

  test('that comes once a day and finds nothing tells the host nothing', async () => {
    account('daily');
    await connectTenant(running, 'daily', 'daily');
    await over('daily');
    await due('daily', 2);
    await noticeGaps(running.database.db, running.service.deps, 24);
    await waitFor(async () => (await runs('daily')).length === 2);
    expect((await over('daily')).at(-1)).toMatchObject({ reason: 'daily', recovered: 0 });
    expect(await warnings('daily')).toEqual([]);
  });

  test('is not kept from others by a tenant that a newer release has written', async () => {
    for (const slug of ['newer', 'older']) {
      account(slug);
      await connectTenant(running, slug, slug);
      await over(slug);
      // The newer one would be first.
      await due(slug, slug === 'newer' ? 9 : 3);
    }
    const { db } = running.database;
    await db
      .updateTable('connection')
      .set({ machine_version: MACHINE_VERSION + 1 })
      .where('tenant_id', '=', 'newer')
      .execute();
    await noticeGaps(db, running.service.deps, 24);
    await waitFor(async () => (await runs('older')).length === 2, { describe: 'the look of the other one' });
    expect(await runs('newer')).toHaveLength(1);
    await running.api('DELETE', '/v1/tenants/older');
    await waitFor(async () => (await running.api('GET', connectionPath('older'))).status === 404, {
      describe: 'an erasure',
    });
    await db
      .updateTable('connection')
      .set({ machine_version: MACHINE_VERSION })
      .where('tenant_id', '=', 'newer')
      .execute();
  });

  test('that finds what no delivery told of says so', async () => {
    account('found');
    await connectTenant(running, 'found', 'found');
    await over('found');
    running.sandbox.controls.deliveries.dropNext(1);
    book('found', 'Never Announced', inDays(1));
    await due('found', 2);
    await noticeGaps(running.database.db, running.service.deps, 24);
    await waitFor(async () => (await warnings('found')).length > 0);
    expect(await warnings('found')).toMatchObject([
      { code: 'meetings_recovered', details: { recovered: 1, reason: 'daily' } },
    ]);
  });

  test('begins where the last complete one was, however long ago that is', async () => {
    account('long');
    const old = book('long', 'Canceled Meanwhile', inDays(-40));
    await connectTenant(running, 'long', 'long');
    await over('long');
    // Known as active since before the outage.
    await running.sandbox.controls.deliveries.idle();
    const [subscription] = running.sandbox.controls.subscriptions({ account: 'long' });
    running.sandbox.controls.deliveries.dropNext(0);
    expect(subscription).toBeDefined();
    const before = await meetings('long');
    await running.database.db
      .updateTable('backfill')
      .set({ started_at: new Date(Date.now() - 45 * DAY_MS), finished_at: new Date(Date.now() - 45 * DAY_MS) })
      .where('tenant_id', '=', 'long')
      .execute();
    running.sandbox.controls.deliveries.dropNext(5);
    running.sandbox.controls.cancel({ invitee: old.inviteeUri });
    await running.sandbox.controls.deliveries.idle();
    await due('long', 46);
    await noticeGaps(running.database.db, running.service.deps, 24);
    await waitFor(async () => (await runs('long')).length === 2);
    await over('long');
    expect(before).toEqual([]);
    expect(await meetings('long')).toMatchObject([{ name: 'Canceled Meanwhile', status: 'canceled' }]);
  });

  test('asks one by one for what is known as coming and is not listed any more', async () => {
    account('vanished');
    const gone = book('vanished', 'Moved Away', inDays(3));
    await connectTenant(running, 'vanished', 'vanished');
    await over('vanished');
    expect(await meetings('vanished')).toMatchObject([{ name: 'Moved Away', status: 'active' }]);
    // Calendly does not list it, and does not show it to this account any more.
    const uuid = gone.eventUri.split('/').at(-1);
    running.sandbox.controls.faults.add({
      path: '/scheduled_events',
      kind: 'respond',
      status: 200,
      times: 'forever',
      body: { collection: [], pagination: { count: 0, next_page_token: null } },
    });
    running.sandbox.controls.faults.add({
      path: `/scheduled_events/${uuid}`,
      kind: 'respond',
      status: 403,
      times: 'forever',
      body: { title: 'Permission Denied', message: 'You do not have permission to access this resource.' },
    });
    await running.database.db
      .updateTable('backfill')
      .set({ started_at: new Date(Date.now() + 1_000) })
      .where('tenant_id', '=', 'vanished')
      .execute();
    await due('vanished', 2);
    await noticeGaps(running.database.db, running.service.deps, 24);
    await waitFor(async () => (await meetings('vanished'))[0]?.status === 'canceled', {
      describe: 'the meeting to be canceled',
    });
    expect((await warnings('vanished')).filter(({ code }) => code === 'backfill_incomplete')).toEqual([]);
  });
});
