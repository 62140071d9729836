import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { sql } from 'kysely';
import { checkInvariants } from '../support/world/check-invariants.ts';
import { giveConsent } from '../support/calendly/give-consent.ts';
import type { ServiceChild } from '../support/service/start-service-child.ts';
import { instanceName, startWorld, type TestWorld } from '../support/world/start-world.ts';
import { waitFor } from '../support/service/wait-for.ts';
import { connectionOf, connectInWorld } from './journeys.ts';

const SECOND = 1000;
const PAST_THE_DEADLINE = 151 * SECOND;
/** The limit of a token call, and a little more. */
const PAST_ITS_LIMIT_MS = 61 * SECOND;
/** A dead worker's heartbeat (10 s), the supervisor's look (5 s), the retry's delay and the doubts of a busy machine. */
const TAKEN_OVER_MS = 60 * SECOND;

let world: TestWorld;
beforeAll(async () => {
  world = await startWorld({ instances: 2, patient: false });
});
afterEach(async () => {
  for (const each of world.instances) each.thaw();
  await world.mend();
});
afterAll(() => world.stop());

let count = 0;
async function newTenant(): Promise<string> {
  const name = `frozen-${++count}`;
  world.sandbox.controls.accounts.add({ slug: name, name });
  await connectInWorld(world, name, name);
  return name;
}

/** Has a refresh under way and freezes whoever makes it, once Calendly has done its work and before its answer is out. */
async function freezeInTokenCall(tenant: string): Promise<{ frozen: ServiceChild; other: ServiceChild }> {
  const { controls } = world.sandbox;
  const fault = controls.faults.add({ method: 'POST', path: '/oauth/token', kind: 'delayAfterWork', ms: 1500 });
  await world.api('POST', `${connectionOf(tenant)}/refresh`);
  await waitFor(() => controls.tokens(tenant).pairs.length === 2, { describe: 'the tokens to be made' });
  const intent = await world.database.db
    .selectFrom('refresh_intent')
    .select('instance')
    .where('tenant_id', '=', tenant)
    .where('answered_at', 'is', null)
    .executeTakeFirstOrThrow();
  const frozen = world.instances.find(({ pid }) => intent.instance.split(':').includes(String(pid)))!;
  frozen.freeze();
  // The answer goes out to a process that does not read it.
  await waitFor(() => controls.calls().some((call) => call.fault === fault && call.status === 200), {
    describe: 'the answer to be sent',
  });
  return { frozen, other: world.instances.find((each) => each !== frozen)! };
}

const stateOf = async (tenant: string) => (await world.contextOf(tenant)).state;

test('frozen in a token call beyond its deadline and its limit, woken with the answer in the socket: the grant is recovered', async () => {
  const frozenAt = performance.now();
  const tenant = await newTenant();
  const { frozen } = await freezeInTokenCall(tenant);

  // Its heart beats no more: the other instance takes its job, and finds the refresh in doubt.
  await waitFor(
    () =>
      world.database.db
        .selectFrom('effect')
        .select('id')
        .where('tenant_id', '=', tenant)
        .where('type', '=', 'refreshToken')
        .where('runs', '>', 1)
        .executeTakeFirst(),
    { describe: 'the other instance to take over', timeoutMs: TAKEN_OVER_MS },
  );
  expect(world.sandbox.controls.tokens(tenant).pairs[0]!.presentations).toHaveLength(1);
  await world.advance(PAST_THE_DEADLINE);
  await waitFor(async () => (await stateOf(tenant)) === 'error.needsReauthorization', {
    describe: 'the second presentation',
    timeoutMs: 20_000,
  });
  expect(world.sandbox.controls.tokens(tenant).pairs[0]!.presentations.map(({ result }) => result)).toEqual([
    'refreshed',
    'invalid_grant',
  ]);

  // Also by real time its call is over by now.
  await waitFor(() => performance.now() - frozenAt > PAST_ITS_LIMIT_MS, { timeoutMs: PAST_ITS_LIMIT_MS });
  frozen.thaw();
  await waitFor(async () => (await stateOf(tenant)) === 'connected.webhooks', {
    describe: 'the grant to be recovered',
    timeoutMs: 20_000,
  });
  await world.settle();
  expect(await checkInvariants(world, [tenant], [tenant])).toEqual({ lostPairs: 0, secondPresentations: 1 });
  const events = await world.database.db
    .selectFrom('history')
    .select(sql<string>`event->>'type'`.as('type'))
    .where('tenant_id', '=', tenant)
    .execute();
  expect(events.map(({ type }) => type)).toContain('grant.recovered');
}, 180_000);

test('woken with tokens of a grant that was replaced and given back meanwhile: they are a debt, and revoked', async () => {
  const tenant = await newTenant();
  const { frozen, other } = await freezeInTokenCall(tenant);
  await waitFor(
    () =>
      world.database.db
        .selectFrom('effect')
        .select('id')
        .where('tenant_id', '=', tenant)
        .where('type', '=', 'refreshToken')
        .where('runs', '>', 1)
        .executeTakeFirst(),
    { describe: 'the other instance to take over', timeoutMs: TAKEN_OVER_MS },
  );
  await world.advance(PAST_THE_DEADLINE);
  await waitFor(async () => (await stateOf(tenant)) === 'error.needsReauthorization', {
    describe: 'the grant to be lost',
    timeoutMs: 20_000,
  });

  // A person consents anew; the former grant is given back, and nothing of it is left here.
  const asked = await other.api('POST', `${connectionOf(tenant)}/connect`);
  expect(asked.body.authorizeUrl).toEqual(expect.any(String));
  await giveConsent(asked.body.authorizeUrl, tenant, { at: other.url });
  await waitFor(async () => (await stateOf(tenant)) === 'connected.webhooks', {
    describe: 'the new grant',
    timeoutMs: 20_000,
  });
  await waitFor(async () => (await world.contextOf(tenant)).context.debts.length === 0, {
    describe: 'the old grant to be given back',
    timeoutMs: 20_000,
  });
  expect(world.sandbox.controls.tokens(tenant).liveRefreshTokens).toBe(2);

  frozen.thaw();
  await waitFor(() => world.sandbox.controls.tokens(tenant).liveRefreshTokens === 1, {
    describe: 'the late tokens to be revoked',
    timeoutMs: 20_000,
  });
  await world.settle();
  expect(await stateOf(tenant)).toBe('connected.webhooks');
  expect(await checkInvariants(world, [tenant], [tenant])).toEqual({ lostPairs: 0, secondPresentations: 1 });
}, 180_000);

test("a killed worker's job is back at another instance within a minute, in real time", async () => {
  const tenant = await newTenant();
  const { controls } = world.sandbox;
  const fault = controls.faults.add({ method: 'GET', path: '/webhook_subscriptions', kind: 'hang' });
  await world.api('POST', `${connectionOf(tenant)}/resync`);
  await waitFor(() => controls.calls().some((call) => call.fault === fault), { describe: 'the call to hang' });
  await Promise.all(world.instances.map((each) => each.kill()));
  const killedAt = performance.now();
  await world.restart(0, { patient: true });
  await waitFor(async () => (await stateOf(tenant)) === 'connected.webhooks', {
    describe: 'the tenant to go on',
    timeoutMs: TAKEN_OVER_MS,
  });
  console.log(`taken over after ${Math.round((performance.now() - killedAt) / 100) / 10} s`);
  await world.settle();
  expect(await checkInvariants(world, [tenant], [tenant])).toEqual({ lostPairs: 0, secondPresentations: 0 });
}, 180_000);

test('frozen in the middle of its transaction, it does not hold its tenant: the lock is given back', async () => {
  const tenant = await newTenant();
  await world.gates.close('commit', 'listSubscriptions');
  await world.api('POST', `${connectionOf(tenant)}/resync`);
  await world.gates.reached('commit');
  const { rows } = await sql<{ name: string }>`select application_name as name from pg_stat_activity
    where wait_event = 'advisory' and datname = current_database()`.execute(world.database.db);
  const holder = world.instances.find((_, at) => instanceName(at) === rows[0]?.name)!;
  holder.freeze();
  await world.gates.open('commit');
  const other = world.instances.find((each) => each !== holder)!;
  const began = performance.now();
  const { status } = await other.api('DELETE', connectionOf(tenant), { headers: { prefer: 'respond-async' } });
  expect(status).toBe(200);
  expect(performance.now() - began).toBeLessThan(TAKEN_OVER_MS);
  holder.thaw();
  await world.settle();
  expect(await stateOf(tenant)).toBe('disconnected.idle');
  expect(await checkInvariants(world, [tenant], [tenant])).toEqual({ lostPairs: 0, secondPresentations: 0 });
}, 180_000);
