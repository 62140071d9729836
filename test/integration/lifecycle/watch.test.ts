import { storeCredential } from '../../../src/grants/credentials.ts';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { giveConsent } from '../../support/calendly/give-consent.ts';
import { makeJobsDue, makeTimerDue } from '../../support/service/make-timer-due.ts';
import { startTestService, type TestService } from '../../support/service/start-test-service.ts';
import { waitFor } from '../../support/service/wait-for.ts';

let running: TestService;
let count = 0;
let account = '';
let tenant = '';
beforeAll(async () => {
  running = await startTestService();
});
afterAll(() => running.stop());
// An account of its own for each test: what is done to one must not show in the next.
beforeEach(() => {
  account = `host-${++count}`;
  tenant = `tenant-${count}`;
  running.sandbox.controls.accounts.add({ slug: account, name: `Host ${count}`, plan: 'paid', role: 'owner' });
  running.sandbox.controls.switches.reset();
});

const connection = async () => (await running.api('GET', `/v1/tenants/${tenant}/connection`)).body;
const meetings = async () => (await running.api('GET', `/v1/tenants/${tenant}/meetings`)).body.items;
const history = async () => (await running.api('GET', `/v1/tenants/${tenant}/history?limit=100`)).body.items;
const subscriptions = () => running.sandbox.controls.subscriptions({ account });
const warnings = async () =>
  (
    await running.database.db
      .selectFrom('host_event')
      .select('body')
      .where('tenant_id', '=', tenant)
      .where('type', '=', 'connection.warning')
      .orderBy('seq')
      .execute()
  ).map(({ body }) => (body as unknown as { data: object }).data);
const book = (name: string) => running.sandbox.controls.book({ account, name, email: `${name}@guest.example` });

/** Webhooks are on every plan; a switch brings back the free plan that refuses them. */
function refuseWebhooks(): void {
  running.sandbox.controls.switches.set({ webhooksOnFreePlan: false });
  running.sandbox.controls.accounts.update(account, { plan: 'free' });
}

async function connectOwnTenant() {
  const { body } = await running.api('POST', `/v1/tenants/${tenant}/connection/connect`);
  await giveConsent(body.authorizeUrl, account);
  return waitFor(
    async () => {
      const now = await connection();
      return now.state === 'connected' && (await backfillDone()) ? now : undefined;
    },
    { describe: 'connected, first back-fill done' },
  );
}

const backfillDone = async (recovered?: number) =>
  (await history()).find(
    (row: { event: { type: string; recovered: number } | null }) =>
      row.event?.type === 'backfill.completed' && (recovered === undefined || row.event.recovered === recovered),
  );

async function replacedAfterWatch(former: string) {
  await makeTimerDue(running.database, tenant, 'watch');
  return waitFor(
    async () => {
      const now = await connection();
      return now.state === 'connected' && now.subscription.uri !== former && now.debts.length === 0 ? now : undefined;
    },
    { describe: 'a new webhook' },
  );
}

describe('the watch of a webhook', () => {
  test('a webhook that Calendly disabled is replaced, and the booking that it missed is recovered', async () => {
    const { subscription } = await connectOwnTenant();
    running.sandbox.controls.disableSubscription(subscription.uri);
    book('missed');
    await replacedAfterWatch(subscription.uri);
    expect(subscriptions()).toMatchObject([{ state: 'active' }]);
    const [meeting] = await waitFor(async () => ((await meetings()).length > 0 ? meetings() : undefined), {
      describe: 'the meeting',
    });
    expect(meeting).toMatchObject({ name: 'missed', source: 'backfill', status: 'active' });
    expect(await waitFor(() => backfillDone(1), { describe: 'one recovered miss' })).toBeTruthy();
    expect(await warnings()).toMatchObject([{ code: 'subscription_disabled' }]);
  });

  test('a webhook that somebody deleted is made anew', async () => {
    const { subscription } = await connectOwnTenant();
    running.sandbox.controls.deleteSubscription(subscription.uri);
    await replacedAfterWatch(subscription.uri);
    expect(subscriptions()).toHaveLength(1);
  });

  test('a look at a webhook that is well leaves no trace in the history and comes again', async () => {
    await connectOwnTenant();
    const before = await history();
    const looks = () =>
      running.sandbox.controls
        .calls()
        .filter((call) => call.method === 'GET' && call.path.startsWith('/webhook_subscriptions/')).length;
    const seen = looks();
    await makeTimerDue(running.database, tenant, 'watch');
    await waitFor(() => looks() > seen, { describe: 'a look' });
    const timer = await running.database.db
      .selectFrom('timer')
      .selectAll()
      .where('tenant_id', '=', tenant)
      .where('name', '=', 'watch')
      .executeTakeFirst();
    expect(timer?.due_at.getTime()).toBeGreaterThan(Date.now());
    await waitFor(
      async () =>
        (
          await running.database.db
            .selectFrom('effect')
            .selectAll()
            .where('tenant_id', '=', tenant)
            .where('answered_at', 'is', null)
            .execute()
        ).length === 0,
      { describe: 'the look is over' },
    );
    const fresh = (await history()).filter((row: { id: number }) => row.id > before[0].id);
    expect(fresh.map((row: { event: { type: string } }) => row.event.type)).toEqual(['watch.due']);
  });

  test('Calendly beginning to retry shows before it gives up', async () => {
    const { subscription } = await connectOwnTenant();
    running.sandbox.controls.switches.set({ retryDelaysSeconds: [3600] });
    running.sandbox.controls.deliveries.configure({ dropNext: 0 });
    // Another key than Calendly signs with: its deliveries are refused.
    const otherKey = await running.database.db.transaction().execute((trx) =>
      storeCredential(trx, running.service.deps.box, {
        tenantId: tenant,
        purpose: 'signing_key',
        value: 'another key',
      }),
    );
    await running.database.db
      .updateTable('subscription')
      .set({ signing_key_id: otherKey })
      .where('uri', '=', subscription.uri)
      .execute();
    book('refused');
    await waitFor(() => subscriptions()[0]?.retry_started_at, { describe: 'Calendly retries' });
    await makeTimerDue(running.database, tenant, 'watch');
    const now = await waitFor(
      async () => ((await connection()).subscription?.retryStartedAt ? connection() : undefined),
      { describe: 'the warning' },
    );
    expect(now).toMatchObject({ state: 'connected', subscription: { uri: subscription.uri, state: 'active' } });
    expect(await warnings()).toMatchObject([
      { code: 'subscription_retrying', details: { lastDay: { refused: 1, slow: 0 } } },
    ]);
  });
});

describe('the account', () => {
  test('a user who moved to another organization is noticed and subscribed there', async () => {
    const { subscription } = await connectOwnTenant();
    running.sandbox.controls.accounts.update(account, { moveTo: null });
    const organization = running.sandbox.controls.accounts.get(account).organization;
    const now = await replacedAfterWatch(subscription.uri);
    expect(now.account.organization).toBe(organization);
    expect(
      subscriptions().filter((each) => each.organization === organization && each.state === 'active'),
    ).toHaveLength(1);
  });

  test('a login that Calendly revoked is noticed within one watch period', async () => {
    await connectOwnTenant();
    running.sandbox.controls.accounts.revokeLogin(account);
    await makeTimerDue(running.database, tenant, 'watch');
    await waitFor(async () => (await connection()).substate === 'needsReauthorization', {
      describe: 'needsReauthorization',
    });
    const { body } = await running.api('POST', `/v1/tenants/${tenant}/connection/connect`);
    expect(body.authorizeUrl).toContain('/oauth/authorize');
  });
});

describe('polling and back-fills', () => {
  test('a plan without webhooks is polled, and moves to webhooks when the plan allows it', async () => {
    refuseWebhooks();
    expect(await connectOwnTenant()).toMatchObject({
      substate: 'polling',
      delivery: 'polling',
      subscription: null,
      lastError: null,
      debts: [],
    });
    expect(await warnings()).toMatchObject([{ code: 'plan_without_webhooks' }]);
    book('polled');
    await makeTimerDue(running.database, tenant, 'poll');
    const [meeting] = await waitFor(async () => ((await meetings()).length > 0 ? meetings() : undefined), {
      describe: 'the polled meeting',
    });
    expect(meeting).toMatchObject({ name: 'polled', source: 'polling' });

    running.sandbox.controls.accounts.update(account, { plan: 'paid' });
    await makeTimerDue(running.database, tenant, 'plan');
    await waitFor(async () => (await connection()).delivery === 'webhooks', { describe: 'webhooks' });
    expect(subscriptions()).toHaveLength(1);
    const timers = await running.database.db
      .selectFrom('timer')
      .select('name')
      .where('tenant_id', '=', tenant)
      .execute();
    expect(timers.map(({ name }) => name).sort()).toEqual(['refresh', 'watch']);
  });

  test('a poll that takes longer than its interval comes to its end: the next one waits', async () => {
    refuseWebhooks();
    await connectOwnTenant();
    book('polled');
    const countOf = async (type: string) =>
      (await history()).filter((row: { event: { type: string } | null }) => row.event?.type === type).length;
    const polls = async (times: number) => {
      await makeTimerDue(running.database, tenant, 'poll');
      await waitFor(async () => (await countOf('poll.due')) === times, { describe: `${times} polls to be due` });
    };
    running.sandbox.controls.faults.add({ method: 'GET', path: '/scheduled_events', kind: 'delayAfterWork', ms: 1500 });
    await polls(1);
    await polls(2);
    expect(await countOf('backfill.completed')).toBe(1);
    await waitFor(async () => (await countOf('backfill.completed')) === 2, { describe: 'the first poll to end' });
    expect(await meetings()).toMatchObject([{ name: 'polled' }]);
    const { run } = await running.database.db
      .selectFrom('backfill')
      .select('run')
      .where('tenant_id', '=', tenant)
      .orderBy('run', 'desc')
      .executeTakeFirstOrThrow();
    expect(run).toBe(2);
  });

  test('a back-fill pauses at the rate limit and goes on where it was', async () => {
    for (let index = 0; index < 30; index++) book(`guest-${index}`);
    running.sandbox.controls.switches.set({ apiRateLimit: 25 });
    const { body } = await running.api('POST', `/v1/tenants/${tenant}/connection/connect`);
    await giveConsent(body.authorizeUrl, account);
    const progress = () =>
      running.database.db.selectFrom('backfill').selectAll().where('tenant_id', '=', tenant).executeTakeFirst();
    const paused = await waitFor(
      async () => {
        const row = await progress();
        return row !== undefined && row.events > 5 && row.finished_at === null ? row : undefined;
      },
      { describe: 'progress' },
    );
    expect(paused.events).toBeLessThan(30);
    running.sandbox.controls.switches.set({ apiRateLimit: null });
    const finished = await waitFor(
      async () => {
        await makeJobsDue(running.database);
        const row = await progress();
        return row?.finished_at ? row : undefined;
      },
      { describe: 'the whole back-fill' },
    );
    expect(finished.meetings).toBeGreaterThanOrEqual(30);
    expect((await running.api('GET', `/v1/tenants/${tenant}/meetings?limit=100`)).body.items).toHaveLength(30);
  });
});
