import { describe, expect, test } from 'vitest';
import { noticeGaps } from '../../../src/upkeep/notice-gaps.ts';
import { connectionPath, connectTenant } from '../../support/service/connect-tenant.ts';
import { openInspector } from '../../support/service/open-inspector.ts';
import { account, remote, running, serveThisFile, view } from '../../support/service/service-of-file.ts';
import type { Answer } from '../../support/service/start-test-service.ts';
import { waitFor } from '../../support/service/wait-for.ts';

const MINUTE_MS = 60_000;
const BOOKINGS = ['invitee.created', 'invitee.canceled'];
serveThisFile({ sandbox: { switches: { tokenRateLimit: null, apiRateLimit: null } } });

const put = (tenantId: string, body: object, headers = {}): Promise<Answer> =>
  running.api('PUT', `/v1/tenants/${tenantId}/settings`, { body, headers });
const settingsOf = (tenantId: string): Promise<Answer> => running.api('GET', `/v1/tenants/${tenantId}/settings`);
const events = async (tenantId: string): Promise<Answer['body'][]> =>
  (await running.api('GET', `/v1/tenants/${tenantId}/history?limit=100`)).body.items.filter(
    ({ event }: Answer['body']) => event?.type === 'configure',
  );
const webhooks = (slug: string) =>
  remote(slug).map(({ uri, scope, events: names, state }) => ({ uri, scope, events: names.toSorted(), state }));
/** The one webhook of the account, as soon as there is exactly one. */
const theOneWebhook = async (slug: string) => {
  await waitFor(() => webhooks(slug).length === 1, { describe: `one webhook of ${slug}` });
  return webhooks(slug)[0]!;
};

describe('settings of a tenant', () => {
  test('hold for its first webhook, are in the history with the key, and in the audit', async () => {
    account('early');
    expect((await settingsOf('early')).body).toMatchObject({ code: 'tenant_unknown' });
    const { status, body } = await put('early', { webhookEvents: BOOKINGS.toReversed(), pollingMinutes: 5 });
    expect({ status, ...body }).toMatchObject({
      status: 200,
      settings: { webhookScope: null, webhookEvents: BOOKINGS, pollingMinutes: 5, backfillPastDays: null },
      effective: { webhookScope: 'user', webhookEvents: BOOKINGS, pollingMinutes: 5, backfillPastDays: 30 },
      connection: { state: 'disconnected' },
    });
    await connectTenant(running, 'early', 'early');
    expect(await theOneWebhook('early')).toMatchObject({ scope: 'user', events: BOOKINGS.toSorted() });
    expect(await events('early')).toMatchObject([{ cause: { kind: 'route', route: 'settings', key: 'default' } }]);
    const { items } = (await running.api('GET', '/v1/audit')).body;
    expect(items).toContainEqual(expect.objectContaining({ action: 'settings', tenantId: 'early', outcome: 'done' }));
  });

  test('make the webhook anew once, say the same again and nothing happens, and outlive a disconnect', async () => {
    account('once');
    const { subscription: former } = await connectTenant(running, 'once', 'once');
    const changed = await put('once', { webhookEvents: BOOKINGS });
    expect(changed).toMatchObject({ status: 200, body: { connection: { state: 'connected' } } });
    expect(changed.body.connection.subscription.events.toSorted()).toEqual(BOOKINGS.toSorted());
    const now = await theOneWebhook('once');
    expect(now).toMatchObject({ uri: changed.body.connection.subscription.uri, events: BOOKINGS.toSorted() });
    expect(now.uri).not.toBe(former.uri);
    await waitFor(async () => (await view('once')).debts.length === 0);
    const again = await put('once', { webhookEvents: BOOKINGS.toReversed() });
    expect(again.body.settings).toEqual(changed.body.settings);
    expect(await events('once')).toHaveLength(1);
    expect(webhooks('once')).toEqual([now]);

    const page = await (await openInspector(running.url)).get('/tenants/once');
    expect(await page.text()).toContain('webhookEvents: invitee.created, invitee.canceled');
    await running.api('DELETE', connectionPath('once'));
    expect((await settingsOf('once')).body.settings.webhookEvents).toEqual(BOOKINGS);
    await running.api('DELETE', '/v1/tenants/once');
    await waitFor(async () => (await settingsOf('once')).status === 404, { describe: 'the erasure' });
    const rows = running.database.db.selectFrom('tenant_settings').selectAll().where('tenant_id', '=', 'once');
    expect(await rows.execute()).toEqual([]);
  });

  test('changed while a webhook is being created leave one, as the last ones say', async () => {
    account('twice');
    await connectTenant(running, 'twice', 'twice');
    const { controls } = running.sandbox;
    const create = { method: 'POST', path: '/webhook_subscriptions' };
    const fault = controls.faults.add({ ...create, kind: 'delayAfterWork', ms: 700 });
    await put('twice', { webhookEvents: ['invitee.created'] }, { prefer: 'respond-async' });
    await waitFor(() => controls.calls().some((call) => call.fault === fault), { describe: 'the first create' });
    const { status, body } = await put('twice', { webhookEvents: BOOKINGS });
    expect({ status, state: body.connection.state }).toEqual({ status: 200, state: 'connected' });
    expect(await theOneWebhook('twice')).toMatchObject({ events: BOOKINGS.toSorted() });
    await waitFor(async () => (await view('twice')).debts.length === 0, { describe: 'no debt' });
    expect(webhooks('twice')).toMatchObject([{ uri: (await view('twice')).subscription.uri, state: 'active' }]);
  });

  test('that Calendly refuses to this person say so, the former webhook goes on, and others heal it at once', async () => {
    account('boss', { role: 'owner' });
    account('member', { organizationOf: 'boss', role: 'user' });
    const { subscription } = await connectTenant(running, 'member', 'member');
    const refused = await put('member', { webhookScope: 'organization' });
    expect(refused.body.connection).toMatchObject({
      state: 'error',
      substate: 'needsPermission',
      lastError: { code: 'role_refused' },
    });
    expect(webhooks('member')).toMatchObject([{ uri: subscription.uri, state: 'active' }]);
    expect((await put('member', {})).body.connection).toMatchObject({
      state: 'connected',
      subscription: { uri: subscription.uri },
    });
  });

  test.each([
    ['an event that no webhook has', { webhookEvents: ['meeting.booked'] }],
    ['no event', { webhookEvents: [] }],
    ['an event that the scope cannot have', { webhookEvents: ['routing_form_submission.created'] }],
    ['a scope that the events cannot have', { webhookScope: 'organization', webhookEvents: ['meeting_recap.created'] }],
    ['another scope', { webhookScope: 'group' }],
    ['too frequent a poll', { pollingMinutes: 0 }],
    ['a poll as text', { pollingMinutes: '5' }],
    ['too long a past', { backfillPastDays: 3_651 }],
    ['too rare a back-fill', { backfillHours: 8_761 }],
    ['an unknown name', { webhookUrl: 'https://elsewhere.example' }],
  ])('are refused with %s, and nothing changes', async (_, body) => {
    expect(await put('refused', body)).toMatchObject({ status: 400, body: { code: 'request_invalid' } });
    expect((await settingsOf('refused')).status).toBe(404);
  });

  test('plan the next poll anew', async () => {
    account('frugal', { plan: 'free' });
    running.sandbox.controls.switches.set({ webhooksOnFreePlan: false });
    await connectTenant(running, 'frugal', 'frugal');
    const dueIn = async () => {
      const timers = running.database.db.selectFrom('timer').select('due_at').where('tenant_id', '=', 'frugal');
      return (await timers.where('name', '=', 'poll').executeTakeFirstOrThrow()).due_at.getTime() - Date.now();
    };
    expect(await dueIn()).toBeGreaterThan(10 * MINUTE_MS);
    await put('frugal', { pollingMinutes: 2 });
    expect(await dueIn()).toBeLessThan(2.5 * MINUTE_MS);
    expect((await view('frugal')).delivery).toBe('polling');
  });

  test('say how far back and how often meetings are fetched', async () => {
    const { db } = running.database;
    const runs = (tenantId: string) =>
      db.selectFrom('backfill').selectAll().where('tenant_id', '=', tenantId).execute();
    const isOver = async (tenantId: string, count: number) => {
      const all = await runs(tenantId);
      return all.length === count && all.every(({ finished_at: at }) => at !== null);
    };
    for (const slug of ['often', 'seldom']) {
      account(slug);
      if (slug === 'often') await put(slug, { backfillPastDays: 400, backfillHours: 1 });
      await connectTenant(running, slug, slug);
      await waitFor(() => isOver(slug, 1), { describe: `the first back-fill of ${slug}` });
      await db
        .updateTable('connection')
        .set({ backfill_asked_at: new Date(Date.now() - 2 * 60 * MINUTE_MS) })
        .where('tenant_id', '=', slug)
        .execute();
    }
    const [first] = await runs('often');
    expect(Date.now() - first!.window_from.getTime()).toBeGreaterThan(399 * 24 * 60 * MINUTE_MS);
    await noticeGaps(db, running.service.deps, 24);
    await waitFor(() => isOver('often', 2), { describe: 'another back-fill' });
    expect(await runs('seldom')).toHaveLength(1);
  });
});
