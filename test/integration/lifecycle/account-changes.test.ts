import { describe, expect, test } from 'vitest';
import { connectionPath, connectTenant } from '../../support/service/connect-tenant.ts';
import { giveConsent } from '../../support/calendly/give-consent.ts';
import { account, connect, remote, running, serveThisFile, view } from '../../support/service/service-of-file.ts';
import type { Answer } from '../../support/service/start-test-service.ts';
import { waitFor } from '../../support/service/wait-for.ts';

serveThisFile({ env: { REFRESH_RECENT_SECONDS: '0' }, sandbox: { switches: { tokenRateLimit: null } } });

describe('plans', () => {
  test('a plan without webhooks is polled, and moves to webhooks when the plan allows', async () => {
    running.sandbox.controls.switches.set({ webhooksOnFreePlan: false });
    account('frugal', { plan: 'free' });
    running.sandbox.controls.book({ account: 'frugal', name: 'Polly', email: 'polly@guest.example' });
    expect(await connectTenant(running, 'frugal', 'frugal')).toMatchObject({
      state: 'connected',
      substate: 'polling',
      delivery: 'polling',
      subscription: null,
      lastError: null,
      debts: [],
    });
    await waitFor(
      async () => (await running.api('GET', '/v1/tenants/frugal/meetings')).body.items[0]?.name === 'Polly',
    );
    running.sandbox.controls.accounts.update('frugal', { plan: 'paid' });
    expect((await connect('frugal')).body).toMatchObject({
      connection: { state: 'connected', substate: 'webhooks', delivery: 'webhooks' },
    });
    expect(remote('frugal')).toHaveLength(1);
  });

  test('a free plan has webhooks, as every plan has', async () => {
    account('thrifty', { plan: 'free' });
    expect(await connectTenant(running, 'thrifty', 'thrifty')).toMatchObject({
      state: 'connected',
      substate: 'webhooks',
      delivery: 'webhooks',
    });
    expect(remote('thrifty')).toHaveLength(1);
  });
});

describe('scopes', () => {
  test('a scope that was declined is named, and the next connect asks for consent', async () => {
    account('declined');
    const connection = await connectTenant(running, 'declined', 'declined', {
      scopes: ['users:read', 'scheduled_events:read'],
      state: 'error',
    });
    expect(connection).toMatchObject({
      substate: 'needsPermission',
      lastError: {
        code: 'scope_missing',
        missingScopes: expect.arrayContaining([expect.stringContaining('webhooks')]),
      },
    });
    const { body } = await connect('declined');
    expect(body.authorizeUrl).toContain('/oauth/authorize');
    await giveConsent(body.authorizeUrl, 'declined');
    expect(await view('declined')).toMatchObject({ state: 'connected', lastError: null });
  });
});

describe('accounts', () => {
  test("with the former account's API failing a switch is still complete, and its webhook goes by itself later", async () => {
    account('former');
    account('latter');
    const { subscription } = await connectTenant(running, 'moves', 'former');
    running.sandbox.controls.faults.add({
      method: 'DELETE',
      path: '/webhook_subscriptions/:uuid',
      kind: 'respond',
      status: 500,
      times: 'forever',
    });
    const connection = await connectTenant(running, 'moves', 'latter', { switchAccount: true });
    expect(connection).toMatchObject({ account: { name: 'Owner of latter' }, subscription: { state: 'active' } });
    expect(connection.debts.map((debt: Answer['body']) => debt.remoteId)).toContain(subscription.uri);
    running.sandbox.controls.book({ account: 'former', name: 'Nobody', email: 'nobody@guest.example' });
    running.sandbox.controls.book({ account: 'latter', name: 'Somebody', email: 'somebody@guest.example' });
    await waitFor(async () => (await running.api('GET', '/v1/tenants/moves/meetings')).body.items.length === 1);
    running.sandbox.controls.faults.clear();
    await running.api('POST', `${connectionPath('moves')}/retry`);
    await waitFor(async () => (await view('moves')).debts.length === 0, { timeoutMs: 15_000 });
    expect(remote('former')).toEqual([]);
    expect(running.sandbox.controls.tokens('former')).toMatchObject({ liveRefreshTokens: 0 });
    expect(
      (await running.api('GET', '/v1/tenants/moves/meetings')).body.items.map(({ name }: { name: string }) => name),
    ).toEqual(['Somebody']);
  });

  test('consent of the same account again replaces the tokens and keeps the one webhook', async () => {
    account('same');
    const { subscription } = await connectTenant(running, 'same', 'same');
    const again = await connectTenant(running, 'same', 'same', { switchAccount: true });
    expect(again.subscription.uri).toBe(subscription.uri);
    await waitFor(async () => (await view('same')).debts.length === 0);
    expect(running.sandbox.controls.tokens('same')).toMatchObject({ liveRefreshTokens: 1 });
    expect(remote('same')).toHaveLength(1);
    expect((await connect('same')).body).toMatchObject({ authorizeUrl: null, connection: { state: 'connected' } });
  });

  test('a user who moved to another organization is the same account, with a webhook in the new one', async () => {
    account('mover');
    const before = await connectTenant(running, 'mover', 'mover');
    running.sandbox.controls.accounts.update('mover', { moveTo: 'alice' });
    const { body } = await connect('mover');
    expect(body).toMatchObject({
      authorizeUrl: null,
      connection: {
        state: 'connected',
        account: { uri: before.account.uri, organization: running.sandbox.controls.accounts.get('alice').organization },
      },
    });
    expect(
      remote('mover')
        .filter(({ state }) => state === 'active')
        .map(({ uri, organization }) => ({ uri, organization })),
    ).toEqual([
      {
        uri: body.connection.subscription.uri,
        organization: running.sandbox.controls.accounts.get('alice').organization,
      },
    ]);
  });
});
