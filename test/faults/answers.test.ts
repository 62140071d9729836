import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import type { FaultKind } from '../../src/sandbox/index.ts';
import { waitingStates } from '../../machines/connection/index.ts';
import { checkInvariants } from '../support/world/check-invariants.ts';
import { startWorld, type TestWorld } from '../support/world/start-world.ts';
import { waitFor } from '../support/service/wait-for.ts';
import { connectionOf, journeys, type Journey } from './journeys.ts';
import { documentOutcomes, type Outcome } from './outcomes.ts';

const SECOND = 1000;
/** Longer than any step waits. */
const PAST_THE_DEADLINE = 151 * SECOND;
/** Time for the deadline to be dealt with, while the answer is still to come. */
const LATE_MS = 1500;

const ANSWERS = {
  '400': {
    kind: 'respond',
    status: 400,
    body: { title: 'Invalid Argument', message: 'Not what was expected.', details: [] },
  },
  '401': { kind: 'respond', status: 401 },
  '403': { kind: 'respond', status: 403 },
  '404': { kind: 'respond', status: 404 },
  '409': { kind: 'respond', status: 409 },
  '429, reset in 30 s': { kind: 'respond', status: 429, headers: { 'x-ratelimit-reset': '30' } },
  '500': { kind: 'respond', status: 500 },
  '503': { kind: 'respond', status: 503 },
  'connection cut': { kind: 'drop' },
  'connection cut after the work': { kind: 'dropAfterWork' },
  'garbage body': { kind: 'garbage' },
} as const satisfies Record<string, FaultKind>;

let world: TestWorld;
beforeAll(async () => {
  world = await startWorld();
});
afterEach(() => world.mend());
afterAll(() => world.stop());

let count = 0;
const outcomes: Outcome[] = [];
interface Tenant {
  tenantId: string;
  account: string;
}

async function prepare(journey: Journey): Promise<Tenant> {
  const tenantId = `answer-${++count}`;
  world.sandbox.controls.accounts.add({ slug: tenantId, name: `Person ${count}` });
  world.sandbox.controls.book({ account: tenantId, name: 'Gina Guest', email: 'gina@guest.example' });
  await journey.prepare(world, tenantId, tenantId);
  return { tenantId, account: tenantId };
}

/** A first consent whose step outlasts its deadline has come to nothing, and its tokens are given back. */
const giveUps = ['identifyAccount first consent answer after the deadline'];

const titled = journeys.map((journey) => ({ journey, effect: journey.effect, says: journey.says }));
const answered = titled.flatMap((each) =>
  Object.entries(ANSWERS).map(([answer, fault]) => ({ ...each, answer, fault })),
);

test.each(answered)('$effect ($says) answered with $answer', async ({ journey, answer, fault }) => {
  const tenant = await prepare(journey);
  const { tenantId, account } = tenant;
  // A 404 to a delete is believed, as it must be: so it has to be the truth.
  if (journey.effect === 'deleteSubscription' && answer === '404') deleteAtCalendly(account);
  else world.sandbox.controls.faults.add({ ...journey.call, ...fault, times: 'forever' });
  await journey.trigger(world, tenantId, account);
  const meanwhile = await leaveWaiting(tenantId);
  world.sandbox.controls.faults.clear();
  await finish(journey, answer, tenant, meanwhile);
});

test.each(titled)('$effect ($says) answered after the deadline', async ({ journey }) => {
  const tenant = await prepare(journey);
  const { tenantId, account } = tenant;
  const { controls } = world.sandbox;
  const fault = controls.faults.add({ ...journey.call, kind: 'delayAfterWork', ms: LATE_MS });
  const caller = journey.trigger(world, tenantId, account);
  await waitFor(
    () => controls.calls().some((call) => call.fault === fault) && (journey.isDone?.(world, account) ?? true),
  );
  const before = await world.contextOf(tenantId);
  await world.advance(PAST_THE_DEADLINE);
  const meanwhile = waitingStates.has(before.state)
    ? await waitFor(async () => differing((await world.contextOf(tenantId)).state, before.state), {
        describe: 'the deadline',
      })
    : before.state;
  await caller;
  await finish(journey, 'answer after the deadline', tenant, meanwhile);
});

test('the outcomes are those of docs/failure-modes.md', () => {
  expect(outcomes).toHaveLength(answered.length + titled.length);
  documentOutcomes(
    'answers',
    'meanwhile',
    outcomes.toSorted((a, b) => journeys.indexOf(a.journey) - journeys.indexOf(b.journey)),
  );
});

function deleteAtCalendly(account: string): void {
  for (const { uri } of world.sandbox.controls.subscriptions({ account }))
    world.sandbox.controls.deleteSubscription(uri);
}

const differing = (now: string, before: string) => (now === before ? undefined : now);

/** The state in which a person finds the tenant while Calendly stays so: the first one that waits for no answer. */
async function leaveWaiting(tenantId: string): Promise<string> {
  for (let moved = 0; ; moved += 20 * SECOND) {
    await world.idle();
    const { state } = await world.contextOf(tenantId);
    if (!waitingStates.has(state)) return state;
    expect(moved, `${tenantId} still in ${state}`).toBeLessThan(10 * 60 * SECOND);
    await world.advance(20 * SECOND);
  }
}

async function finish(
  journey: Journey,
  answer: string,
  { tenantId, account }: Tenant,
  meanwhile: string,
): Promise<void> {
  if (meanwhile === 'disconnected.settling') {
    const { debts } = (await world.api('GET', connectionOf(tenantId))).body;
    expect(debts, 'I9: what is owed is shown').not.toEqual([]);
    for (const debt of debts) expect(debt, 'I9: with its remote id').toMatchObject({ remoteId: expect.any(String) });
  }
  await world.settle({ tenants: [tenantId], recheck: true });
  const { state } = await world.contextOf(tenantId);
  const truth = await checkInvariants(world, [account], [tenantId]);
  // Calendly did it, and its answer never came: the pair is lost to us, whatever it is that we asked.
  const isAnswerLost = answer === 'connection cut after the work' && journey.call.path === '/oauth/token';
  const isRefresh = journey.effect === 'refreshToken';
  expect(truth).toEqual({ lostPairs: isAnswerLost ? 1 : 0, secondPresentations: isAnswerLost && isRefresh ? 1 : 0 });
  const comesToNothing =
    journey.effect === 'exchangeCode' || giveUps.includes(`${journey.effect} ${journey.says} ${answer}`);
  expect(state).toBe(comesToNothing ? 'disconnected.idle' : isAnswerLost ? 'error.needsReauthorization' : journey.goal);
  outcomes.push({ journey, fault: answer, meanwhile, finally: state, ...truth });

  await world.api('DELETE', connectionOf(tenantId));
  await world.settle({ tenants: [tenantId] });
  expect((await world.contextOf(tenantId)).state).toBe('disconnected.idle');
  expect(await checkInvariants(world, [account], [tenantId])).toEqual(truth);
}
