import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { checkInvariants } from '../support/world/check-invariants.ts';
import { startWorld, type TestWorld } from '../support/world/start-world.ts';
import { waitFor } from '../support/service/wait-for.ts';
import { connectionOf, connectInWorld, consent } from './journeys.ts';

const PAST_DOUBT = 91_000;
const answerSoon = { headers: { prefer: 'respond-async' } };

let world: TestWorld;
beforeAll(async () => {
  world = await startWorld();
});
afterEach(() => world.mend());
afterAll(() => world.stop());

async function newTenant(name: string): Promise<string> {
  world.sandbox.controls.accounts.add({ slug: name, name });
  await connectInWorld(world, name, name);
  return name;
}

/** Disconnects; comes back while the first revocation is on its way to Calendly, and stays there for a while. */
async function disconnectUntilRevoking(tenant: string): Promise<void> {
  const { faults } = world.sandbox.controls;
  faults.add({ method: 'POST', path: '/oauth/revoke', kind: 'delay', ms: 4000 });
  await world.api('DELETE', connectionOf(tenant), answerSoon);
  await waitFor(() => faults.list().length === 0, { describe: 'a revocation to be under way' });
}

const pairsOf = (tenant: string) => world.sandbox.controls.tokens(tenant).pairs;

async function expectNothingLeft(tenant: string): Promise<void> {
  await world.settle({ tenants: [tenant] });
  expect((await world.contextOf(tenant)).state).toBe('disconnected.idle');
  expect(world.sandbox.controls.tokens(tenant)).toMatchObject({ liveRefreshTokens: 0, liveAccessTokens: 0 });
  expect(await checkInvariants(world, [tenant], [tenant])).toMatchObject({ lostPairs: 0 });
}

test('a refresh that comes up while its grant is being revoked presents nothing', async () => {
  const tenant = await newTenant('late-refresh');
  await world.gates.close('run', 'refreshToken');
  await world.api('POST', `${connectionOf(tenant)}/refresh`, answerSoon);
  await world.gates.reached('run');
  await disconnectUntilRevoking(tenant);
  await world.gates.open('run');
  await expectNothingLeft(tenant);
  expect(pairsOf(tenant).flatMap(({ presentations }) => presentations)).toEqual([]);
});

test('what a refresh brings after all, while its grant is being revoked, is revoked as well', async () => {
  const tenant = await newTenant('late-answer');
  world.sandbox.controls.faults.add({ method: 'POST', path: '/oauth/token', kind: 'delayAfterWork', ms: 2500 });
  await world.api('POST', `${connectionOf(tenant)}/refresh`, answerSoon);
  await waitFor(() => pairsOf(tenant).length === 2, { describe: 'the tokens to be made' });
  await world.advance(PAST_DOUBT);
  await disconnectUntilRevoking(tenant);
  await expectNothingLeft(tenant);
  const { rows } = await world.database.pool.query(`select event->>'type' as type from history where tenant_id = $1`, [
    tenant,
  ]);
  expect(rows.map(({ type }) => type)).toContain('token.orphaned');
});

test('a listing that is older than a deletion adopts nothing: the account gets a webhook of its own again', async () => {
  const { controls } = world.sandbox;
  const tenant = await newTenant('late-listing');
  controls.accounts.revokeLogin(tenant);
  await world.api('DELETE', connectionOf(tenant), answerSoon);
  await world.settle({ tenants: [tenant] });
  const { context } = await world.contextOf(tenant);
  expect(context.debts.map(({ kind, status }) => [kind, status])).toEqual([['subscription', 'blocked']]);

  // The new consent takes the debt over: it is deleted while the listing, which shows it still, is on its way back.
  controls.faults.add({ method: 'GET', path: '/webhook_subscriptions', kind: 'delayAfterWork', ms: 1500 });
  controls.faults.add({ method: 'DELETE', path: '/webhook_subscriptions/*', kind: 'delay', ms: 500 });
  await connectInWorld(world, tenant, tenant);
  expect((await world.contextOf(tenant)).state).toBe('connected.webhooks');
  expect(await checkInvariants(world, [tenant], [tenant])).toEqual({ lostPairs: 0, secondPresentations: 0 });
  expect(controls.subscriptions({ account: tenant })).toHaveLength(1);
});

test('a tenant that is deleted while its code is exchanged is erased only when the tokens are given back', async () => {
  const name = 'late-code';
  world.sandbox.controls.accounts.add({ slug: name, name });
  world.sandbox.controls.faults.add({ method: 'POST', path: '/oauth/token', kind: 'delayAfterWork', ms: 1500 });
  const asked = consent(world, name, name);
  await waitFor(() => pairsOf(name).length === 1, { describe: 'the tokens to be made' });
  await world.api('DELETE', `/v1/tenants/${name}`);
  await asked;
  await waitFor(() => world.sandbox.controls.tokens(name).liveRefreshTokens === 0, {
    describe: 'the tokens to be given back',
  });
  await world.settle({ tenants: [name] });
  expect(await checkInvariants(world, [name], [])).toEqual({ lostPairs: 0, secondPresentations: 0 });
  await world.api('DELETE', `/v1/tenants/${name}`);
  expect((await world.api('GET', connectionOf(name))).status).toBe(404);
});
