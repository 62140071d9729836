import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { MACHINE_VERSION } from '../../../machines/connection/index.ts';
import { noticeGaps } from '../../../src/upkeep/notice-gaps.ts';
import { connectionPath, connectTenant } from '../../support/service/connect-tenant.ts';
import { makeJobsDue, makeTimerDue } from '../../support/service/make-timer-due.ts';
import { replayHistory } from '../../support/world/replay-history.ts';
import { startTestService, type Answer, type TestService } from '../../support/service/start-test-service.ts';
import { waitFor } from '../../support/service/wait-for.ts';

const DAY_MS = 24 * 3_600_000;

let running: TestService;
beforeAll(async () => {
  running = await startTestService({ sandbox: { switches: { tokenRateLimit: null, apiRateLimit: null } } });
});
afterEach(async () => {
  running.sandbox.controls.faults.clear();
  running.sandbox.controls.switches.reset();
  running.sandbox.controls.switches.set({ tokenRateLimit: null, apiRateLimit: null });
  expect(await replayHistory(running.database.db)).toEqual([]);
});
afterAll(() => running.stop());

const account = (slug: string) => running.sandbox.controls.accounts.add({ slug, name: `Owner of ${slug}` });
const inDays = (days: number, minutes = 0) =>
  new Date(Math.floor(Date.now() / 60_000) * 60_000 + days * DAY_MS + minutes * 60_000);
const book = (slug: string, name: string, startTime: Date) =>
  running.sandbox.controls.book({
    account: slug,
    name,
    email: `${name.toLowerCase().replaceAll(' ', '-')}@guest.example`,
    startTime,
  });
const meetings = async (slug: string, query = 'limit=100'): Promise<Answer['body'][]> =>
  (await running.api('GET', `/v1/tenants/${slug}/meetings?${query}`)).body.items;
const calls = (slug: string, pattern: RegExp) =>
  running.sandbox.controls.calls().filter((call) => call.account === slug && pattern.test(call.path)).length;
const runs = (slug: string) =>
  running.database.db.selectFrom('backfill').selectAll().where('tenant_id', '=', slug).orderBy('run').execute();
const warnings = async (slug: string): Promise<Answer['body'][]> =>
  (await running.api('GET', `/v1/events?tenantId=${slug}&types=connection.warning&limit=100`)).body.items.map(
    ({ data }: Answer['body']) => data,
  );
const over = async (slug: string) =>
  waitFor(
    async () => {
      const all = await runs(slug);
      return all.length > 0 && all.at(-1)!.finished_at !== null ? all : undefined;
    },
    { describe: `the back-fill of ${slug}`, timeoutMs: 15_000 },
  );

describe('a run', () => {
  test('is brought to its end however often the tenant connects meanwhile, and asks for each event once', async () => {
    account('again');
    for (let index = 0; index < 50; index++) book('again', `Guest ${index}`, inDays(1 + index / 10));
    running.sandbox.controls.faults.add({
      path: '/scheduled_events/:uuid/invitees',
      kind: 'delay',
      ms: 20,
      times: 'forever',
    });
    await connectTenant(running, 'again', 'again');
    for (let round = 0; round < 6; round++)
      await running.api('POST', `${connectionPath('again')}/connect`, { body: {} });
    await over('again');
    expect(await meetings('again')).toHaveLength(50);
    expect((await runs('again')).map(({ run, reason, events }) => ({ run, reason, events }))).toEqual([
      { run: 1, reason: 'first', events: 50 },
    ]);
    // A page for each job that it took, and an event each.
    expect(calls('again', /invitees$/)).toBe(50);
    expect(calls('again', /^\/scheduled_events$/)).toBeLessThanOrEqual(4);
  });

  test('of a new webhook that comes while one is under way is followed by one more', async () => {
    account('follow');
    for (let index = 0; index < 3; index++) book('follow', `Guest ${index}`, inDays(1 + index));
    const gate = running.sandbox.controls.faults.add({
      path: '/scheduled_events',
      kind: 'respond',
      status: 503,
      times: 'forever',
    });
    const { subscription } = await connectTenant(running, 'follow', 'follow');
    running.sandbox.controls.deleteSubscription(subscription.uri);
    await running.api('POST', `${connectionPath('follow')}/resync`);
    await waitFor(async () => (await running.api('GET', connectionPath('follow'))).body.state === 'connected');
    running.sandbox.controls.faults.remove(gate);
    await waitFor(
      async () => {
        // A new webhook brings a waiting run on; one that failed once more before the fault was gone has its timer again.
        await makeTimerDue(running.database, 'follow', 'backfill').catch(() => {});
        return (await runs('follow')).length === 2;
      },
      { describe: 'the run that follows' },
    );
    expect((await over('follow')).map(({ reason }) => reason)).toEqual(['first', 'resubscribed']);
  });
});

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

describe.each(['inclusive', 'exclusive'] as const)(
  'with a rate limit that lets a run go on in small steps, and a start time that is %s',
  (minStartTime) => {
    test('events that begin at the same time are all read, each once', async () => {
      const slug = `steps-${minStartTime}`;
      account(slug);
      running.sandbox.controls.switches.set({ minStartTime });
      const [same, later] = [inDays(2), inDays(3)];
      for (let index = 0; index < 30; index++) book(slug, `Guest ${index}`, index < 28 ? same : later);
      await connectTenant(running, slug, slug);
      await waitFor(
        async () => {
          await makeJobsDue(running.database);
          const last = (await runs(slug)).at(-1);
          return last !== undefined && last.finished_at !== null;
        },
        { describe: 'the end of the run', timeoutMs: 20_000 },
      );
      expect(await meetings(slug)).toHaveLength(30);
      expect(calls(slug, /invitees$/)).toBe(30);
    });
  },
);

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

describe('a first back-fill', () => {
  test('does not stand behind the daily ones of everybody else', async () => {
    const crowd = Array.from({ length: 12 }, (_, index) => `yearly-${index}`);
    for (const slug of crowd) {
      account(slug);
      await connectTenant(running, slug, slug);
      await over(slug);
      await running.database.db
        .updateTable('connection')
        .set({ backfill_asked_at: new Date(Date.now() - 2 * DAY_MS) })
        .where('tenant_id', '=', slug)
        .execute();
    }
    // The calls of a new tenant are let through: those of the crowd hang until they are all there.
    const fault = running.sandbox.controls.faults.add({
      path: '/scheduled_events',
      kind: 'delay',
      ms: 3_000,
      times: 12,
    });
    const before = running.sandbox.controls.calls().length;
    await noticeGaps(running.database.db, running.service.deps, 24);
    await waitFor(
      () =>
        running.sandbox.controls
          .calls()
          .slice(before)
          .filter(({ path }) => path === '/scheduled_events').length >= 4,
      { describe: 'the daily ones to have all their share' },
    );
    running.sandbox.controls.faults.remove(fault);
    account('newcomer');
    book('newcomer', 'Early Guest', inDays(1));
    await connectTenant(running, 'newcomer', 'newcomer');
    await waitFor(async () => (await meetings('newcomer')).length === 1, { describe: 'the meetings of the newcomer' });
    const waiting = await running.database.db
      .selectFrom('effect')
      .select('id')
      .where('type', '=', 'backfillMeetings')
      .where('answered_at', 'is', null)
      .execute();
    expect(waiting.length).toBeGreaterThan(4);
  }, 60_000);
});

describe('in an organization', () => {
  test("the webhook's own scope says whose meetings are read", async () => {
    const scoped = await startTestService({
      env: { CALENDLY_WEBHOOK_SCOPE: 'organization', CALENDLY_WEBHOOK_SCOPE_FALLBACK: 'user' },
    });
    const { controls } = scoped.sandbox;
    controls.accounts.add({ slug: 'chief', name: 'Chief', role: 'owner', plan: 'paid' });
    controls.accounts.add({ slug: 'member', name: 'Member', role: 'user', organizationOf: 'chief' });
    for (const slug of ['chief', 'member'])
      controls.book({ account: slug, name: `Guest of ${slug}`, email: `${slug}@guest.example`, startTime: inDays(1) });
    const namesOf = async (tenant: string) =>
      (await scoped.api('GET', `/v1/tenants/${tenant}/meetings`)).body.items
        .map(({ name }: Answer['body']) => name)
        .sort();
    await connectTenant(scoped, 'of-chief', 'chief');
    await waitFor(async () => (await namesOf('of-chief')).length === 2);
    expect(await namesOf('of-chief')).toEqual(['Guest of chief', 'Guest of member']);
    await connectTenant(scoped, 'of-member', 'member');
    await waitFor(async () => (await namesOf('of-member')).length === 1);
    expect(await namesOf('of-member')).toEqual(['Guest of member']);
    await scoped.stop();
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
