import { sql } from 'kysely';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { checkInvariants } from '../support/world/check-invariants.ts';
import { startWorld, type TestWorld } from '../support/world/start-world.ts';
import { waitFor } from '../support/service/wait-for.ts';
import { connectInWorld, connectionOf, importJourneys, journeys, type Journey } from './journeys.ts';
import { documentOutcomes, type Outcome } from './outcomes.ts';

const MOMENTS = [
  'before the call',
  'after the work, before the answer',
  'after the answer, before the commit',
  'after the commit',
] as const;
type Moment = (typeof MOMENTS)[number];

let world: TestWorld;
beforeAll(async () => {
  world = await startWorld();
});
afterEach(() => world.mend());
afterAll(() => world.stop());

const LONG_MS = 600_000;
let count = 0;
const outcomes: Outcome[] = [];

const cases = [...journeys, ...importJourneys].flatMap((journey) =>
  MOMENTS.map((moment) => ({ journey, moment, effect: journey.effect, says: journey.says })),
);

test.each(cases)('$effect ($says), killed $moment', async ({ journey, moment, effect }) => {
  const tenantId = `kill-${++count}`;
  const account = tenantId;
  world.sandbox.controls.accounts.add({ slug: account, name: `Person ${count}` });
  world.sandbox.controls.book({ account, name: 'Gina Guest', email: 'gina@guest.example' });
  await journey.prepare(world, tenantId, account);

  const { caller } = await holdAt(moment, journey, tenantId, account);
  const killedIn = (await world.contextOf(tenantId)).state;
  await world.instances[0]!.kill();
  await world.gates.openAfterKill();
  await caller;
  world.sandbox.controls.faults.clear();
  await world.restart();
  await world.settle({ tenants: [tenantId] });
  const { state } = await world.contextOf(tenantId);
  const truth = await checkInvariants(world, [account], [tenantId]);
  // Tokens whose answer died with the process are the one thing that cannot be had again: a person has to consent once more.
  const isAnswerLost =
    (moment === 'after the work, before the answer' || moment === 'after the answer, before the commit') &&
    journey.call.path === '/oauth/token';
  const isRefresh = effect === 'refreshToken';
  expect(truth).toEqual({ lostPairs: isAnswerLost ? 1 : 0, secondPresentations: isAnswerLost && isRefresh ? 1 : 0 });
  const afterLoss = journey.afterLoss ?? (isRefresh ? 'error.needsReauthorization' : 'disconnected.idle');
  expect(state).toBe(isAnswerLost ? afterLoss : journey.goal);
  // The former system's webhook has gone when ours stands, and not before.
  if (importJourneys.includes(journey)) expect(world.sandbox.controls.subscriptions({ account })).toHaveLength(1);
  outcomes.push({ journey, fault: `killed ${moment}`, meanwhile: killedIn, finally: state, ...truth });

  await world.api('DELETE', connectionOf(tenantId));
  await world.settle({ tenants: [tenantId] });
  expect((await world.contextOf(tenantId)).state).toBe('disconnected.idle');
  const after = await checkInvariants(world, [account], [tenantId]);
  expect(after).toEqual(truth);
});

test('the outcomes are those of docs/failure-modes.md', () => {
  expect(outcomes).toHaveLength(cases.length);
  documentOutcomes(
    'killed',
    'killed in',
    outcomes.filter(({ journey }) => journeys.includes(journey)),
  );
});

test.each(['before the call', 'after the work, before the answer'] as const)(
  'settings that change while a webhook is being created, killed %s: one webhook, as the last settings say',
  async (moment) => {
    const tenantId = `kill-${++count}`;
    world.sandbox.controls.accounts.add({ slug: tenantId, name: `Person ${count}` });
    await connectInWorld(world, tenantId, tenantId);
    const put = (webhookEvents: string[]) =>
      world.api('PUT', `/v1/tenants/${tenantId}/settings`, {
        body: { webhookEvents },
        headers: { prefer: 'respond-async' },
      });
    const webhooks = () => world.sandbox.controls.subscriptions({ account: tenantId });
    if (moment === 'before the call') {
      await world.gates.close('run', 'createSubscription');
      await put(['invitee.created']);
      await world.gates.reached('run');
    } else {
      const create = { method: 'POST', path: '/webhook_subscriptions' };
      world.sandbox.controls.faults.add({ ...create, kind: 'delayAfterWork', ms: LONG_MS, times: 'forever' });
      await put(['invitee.created']);
      await waitFor(() => webhooks().length === 2, { describe: 'the first new webhook' });
    }
    expect((await put(['invitee.canceled'])).status).toBe(202);
    await world.instances[0]!.kill();
    await world.gates.openAfterKill();
    world.sandbox.controls.faults.clear();
    await world.restart();
    await world.settle({ tenants: [tenantId] });
    expect((await world.contextOf(tenantId)).state).toBe('connected.webhooks');
    expect(webhooks()).toMatchObject([{ events: ['invitee.canceled'], state: 'active' }]);
    expect(await checkInvariants(world, [tenantId], [tenantId])).toEqual({ lostPairs: 0, secondPresentations: 0 });
  },
);

/** Sets the effect going, and comes back when the service stands at the moment. Gives whoever asked for it. */
async function holdAt(
  moment: Moment,
  journey: Journey,
  tenantId: string,
  account: string,
): Promise<{ caller: Promise<unknown> }> {
  const { effect, call, isDone = () => true, isSilent = false } = journey;
  const {
    gates,
    sandbox: { controls },
  } = world;
  const ask = () => ({ caller: journey.trigger(world, tenantId, account).catch(() => 'cut off') });
  if (moment === 'before the call') {
    await gates.close('run', effect);
    const asked = ask();
    await gates.reached('run');
    return asked;
  }
  if (moment === 'after the work, before the answer') {
    const fault = controls.faults.add({ ...call, kind: 'delayAfterWork', ms: LONG_MS });
    const asked = ask();
    await waitFor(() => controls.calls().some((each) => each.fault === fault) && isDone(world, account), {
      describe: 'Calendly to have done it',
    });
    return asked;
  }
  const gate = isSilent ? 'finish' : 'commit';
  const runs = await effectsDone(tenantId, effect);
  await gates.close(gate, effect);
  const asked = ask();
  await gates.reached(gate);
  if (moment === 'after the commit') {
    // The commit goes through and nothing after it. New tokens are committed before their effect is at its end.
    await gates.close('run', '*');
    if (effect === 'refreshToken') await gates.close('finish', effect);
    await gates.open(gate);
    await waitFor(async () => (await effectsDone(tenantId, effect)) > runs, { describe: 'the commit' });
  }
  return asked;
}

/** How many answers of this effect are stored. */
async function effectsDone(tenantId: string, effect: string): Promise<number> {
  const { rows } = await sql<{
    count: number;
  }>`select (select count(*) from history where tenant_id = ${tenantId} and cause->>'effect' = ${effect})::int
    + (select count(*) from effect where tenant_id = ${tenantId} and type = ${effect} and answered_at is not null)::int as count`.execute(
    world.database.db,
  );
  return rows[0]!.count;
}
