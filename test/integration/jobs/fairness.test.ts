import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { connectionPath, connectTenant } from '../../support/service/connect-tenant.ts';
import { giveConsent } from '../../support/calendly/give-consent.ts';
import { makeTimerDue } from '../../support/service/make-timer-due.ts';
import { startTestService, type Answer, type TestService } from '../../support/service/start-test-service.ts';
import { waitFor } from '../../support/service/wait-for.ts';

/** More than all the workers that upkeep has. */
const CROWD = 40;

let running: TestService;
beforeAll(async () => {
  running = await startTestService({ sandbox: { switches: { tokenRateLimit: null, apiRateLimit: null } } });
});
afterAll(async () => {
  // Before the service, which would wait for the calls that hang.
  await running.sandbox.close();
  await running.stop();
});

const view = async (tenantId: string): Promise<Answer['body']> =>
  (await running.api('GET', connectionPath(tenantId))).body;
const account = (slug: string) => running.sandbox.controls.accounts.add({ slug, name: `Owner of ${slug}` });
const hanging = () =>
  running.sandbox.controls
    .calls()
    .filter(({ path, status, fault }) => path === '/oauth/token' && fault !== null && status === null).length;
const unbegun = async () =>
  (
    await running.database.db
      .selectFrom('effect')
      .select('id')
      .where('type', '=', 'refreshToken')
      .where('answered_at', 'is', null)
      .where('begun_at', 'is', null)
      .execute()
  ).length;

describe('while Calendly lets a crowd of routine refreshes hang', () => {
  const crowd = Array.from({ length: CROWD }, (_, index) => `crowd-${index}`);
  beforeAll(async () => {
    for (const slug of crowd) account(slug);
    await Promise.all(crowd.map((slug) => connectTenant(running, slug, slug)));
    // Every further token call hangs, for whoever makes it; those of the consents below are let through by name.
    running.sandbox.controls.faults.add({ method: 'POST', path: '/oauth/token', kind: 'hang', times: CROWD });
    for (const slug of crowd) await makeTimerDue(running.database, slug, 'refresh');
    // All the workers of upkeep hang, and others wait behind them.
    await waitFor(async () => hanging() > 0 && hanging() + (await unbegun()) === CROWD && (await unbegun()) > 0, {
      describe: 'a backlog',
      timeoutMs: 15_000,
    });
    running.sandbox.controls.faults.clear();
  }, 60_000);

  test('a person who connects is served at once', async () => {
    account('person');
    const backlog = await unbegun();
    await connectTenant(running, 'person', 'person');
    expect(await unbegun()).toBe(backlog);
  });

  test('a reader of a token, a disconnect and a reconnect are served at once, too', async () => {
    account('reader');
    await connectTenant(running, 'reader', 'reader');
    await running.database.db
      .updateTable('oauth_grant')
      .set({ expires_at: new Date(0), refreshed_at: new Date(0) })
      .where('tenant_id', '=', 'reader')
      .execute();
    expect((await running.api('GET', '/v1/tenants/reader/access-token')).status).toBe(200);
    expect((await running.api('POST', `${connectionPath('reader')}/connect`, { body: {} })).body).toMatchObject({
      authorizeUrl: null,
      connection: { state: 'connected' },
    });
    expect((await running.api('DELETE', connectionPath('reader'))).body).toMatchObject({
      connection: { substate: 'idle' },
      debts: [],
    });
    expect(await unbegun()).toBeGreaterThan(0);
  });

  test('who stands in the queue longer than a step may take does not lose the time that the work has', async () => {
    const { tenant_id: waiting } = await running.database.db
      .selectFrom('effect')
      .select('tenant_id')
      .where('type', '=', 'refreshToken')
      .where('answered_at', 'is', null)
      .where('begun_at', 'is', null)
      .executeTakeFirstOrThrow();
    const timer = () =>
      running.database.db
        .selectFrom('timer')
        .select('due_at')
        .where('tenant_id', '=', waiting)
        .where('name', '=', 'deadline')
        .executeTakeFirstOrThrow();
    await running.database.db
      .updateTable('timer')
      .set({ due_at: new Date(0) })
      .where('tenant_id', '=', waiting)
      .where('name', '=', 'deadline')
      .execute();
    await waitFor(async () => (await timer()).due_at.getTime() > Date.now() + 100_000, {
      describe: 'the deadline to be put off',
    });
    expect(await view(waiting)).toMatchObject({ state: 'refreshing' });
  });

  test('upkeep that a person comes to wait for is hurried', async () => {
    const { tenant_id: waiting } = await running.database.db
      .selectFrom('effect')
      .select('tenant_id')
      .where('type', '=', 'refreshToken')
      .where('answered_at', 'is', null)
      .where('begun_at', 'is', null)
      .executeTakeFirstOrThrow();
    const backlog = await unbegun();
    expect((await running.api('POST', `${connectionPath(waiting)}/connect`, { body: {} })).body).toMatchObject({
      authorizeUrl: null,
      connection: { state: 'connected' },
    });
    expect(await unbegun()).toBe(backlog - 1);
  });

  test('who has stood in the queue until the code of a consent is worthless is told so', async () => {
    const { tenant_id: waiting } = await running.database.db
      .selectFrom('effect')
      .select('tenant_id')
      .where('type', '=', 'refreshToken')
      .where('answered_at', 'is', null)
      .where('begun_at', 'is', null)
      .executeTakeFirstOrThrow();
    await running.database.db
      .updateTable('effect')
      .set({ created_at: new Date(Date.now() - 600_000) })
      .where('tenant_id', '=', waiting)
      .where('answered_at', 'is', null)
      .execute();
    await running.database.db
      .updateTable('timer')
      .set({ due_at: new Date(0) })
      .where('tenant_id', '=', waiting)
      .where('name', '=', 'deadline')
      .execute();
    // Upkeep costs nothing while the token lives: it goes on, and the refresh is tried again later.
    await waitFor(async () => (await view(waiting)).state === 'connected', { describe: 'the deadline to pass' });
  });
});

test('a consent is as urgent to its end as it was at its beginning', async () => {
  account('chain');
  const asked = await running.api('POST', `${connectionPath('chain')}/connect`, { body: {} });
  await giveConsent(asked.body.authorizeUrl, 'chain');
  await waitFor(async () => (await view('chain')).state === 'connected');
  const effects = await running.database.db
    .selectFrom('effect')
    .select(['type', 'priority'])
    .where('tenant_id', '=', 'chain')
    .where('type', '!=', 'backfillMeetings')
    .orderBy('created_at')
    .execute();
  expect(effects).toEqual(
    ['exchangeCode', 'identifyAccount', 'listSubscriptions', 'createSubscription'].map((type) => ({
      type,
      priority: 30,
    })),
  );
});
