import { describe, expect, test } from 'vitest';
import { noticeGaps } from '../../../src/upkeep/notice-gaps.ts';
import { connectionPath, connectTenant } from '../../support/service/connect-tenant.ts';
import { makeJobsDue, makeTimerDue } from '../../support/service/make-timer-due.ts';
import { account, running } from '../../support/service/service-of-file.ts';
import { startTestService, type Answer } from '../../support/service/start-test-service.ts';
import { waitFor } from '../../support/service/wait-for.ts';
import { book, calls, DAY_MS, inDays, meetings, over, runs, serveBackfills } from './backfilled-service.ts';

serveBackfills();

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
