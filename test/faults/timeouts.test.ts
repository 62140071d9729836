import { sql } from 'kysely';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { checkInvariants } from '../support/world/check-invariants.ts';
import { startWorld, type TestWorld } from '../support/world/start-world.ts';
import { waitFor } from '../support/service/wait-for.ts';
import { connectionOf, journeys } from './journeys.ts';
import { documentOutcomes, type Outcome } from './outcomes.ts';

/** Longer than our longest limit. */
const PATIENCE_MS = 90_000;

let world: TestWorld;
beforeAll(async () => {
  world = await startWorld();
});
afterAll(() => world.stop());

/** Limits are real time: all tenants wait for theirs at once. */
test('Calendly hangs: every effect ends by its own limit, and every tenant comes to rest', async () => {
  const { controls } = world.sandbox;
  const tenants = journeys.map((journey, at) => ({ journey, tenantId: `hang-${at}`, account: `hang-${at}` }));
  for (const { journey, tenantId, account } of tenants) {
    controls.accounts.add({ slug: account, name: account });
    await journey.prepare(world, tenantId, account);
  }
  const callers: Promise<unknown>[] = [];
  const hangsSince = new Map<string, number>();
  for (const { journey, tenantId, account } of tenants) {
    // The fault takes the next request, and nobody else is under way: it is this journey's.
    const fault = controls.faults.add({ ...journey.call, kind: 'hang' });
    callers.push(Promise.resolve(journey.trigger(world, tenantId, account)));
    await waitFor(() => controls.calls().some((call) => call.fault === fault), {
      describe: `${journey.effect} to hang`,
    });
    hangsSince.set(tenantId, (await world.contextOf(tenantId)).version);
  }
  await Promise.all(callers);
  const { db } = world.database;
  const timedOut = () => db.selectFrom('exchange').select('effect').where('failure', '=', 'timeout').execute();
  await waitFor(async () => (await timedOut()).length === journeys.length, {
    describe: 'every call to time out',
    timeoutMs: PATIENCE_MS,
  });

  const outcomes: Outcome[] = [];
  for (const { journey, tenantId, account } of tenants) {
    await world.settle({ tenants: [tenantId], recheck: true });
    const { state } = await world.contextOf(tenantId);
    const truth = await checkInvariants(world, [account], [tenantId]);
    expect(truth).toEqual({ lostPairs: 0, secondPresentations: 0 });
    expect(state, tenantId).toBe(journey.effect === 'exchangeCode' ? 'disconnected.idle' : journey.goal);
    const meanwhile = (await firstStateAfter(tenantId, journey.effect, hangsSince.get(tenantId)!)) ?? state;
    outcomes.push({ journey, fault: 'no answer', meanwhile, finally: state, ...truth });
  }
  for (const { tenantId } of tenants) await world.api('DELETE', connectionOf(tenantId));
  await world.settle();
  await checkInvariants(
    world,
    tenants.map(({ account }) => account),
  );
  documentOutcomes('timeouts', 'then', outcomes);
});

/** Where the end of the call, or of the patience with it, led. */
async function firstStateAfter(tenantId: string, effect: string, version: number): Promise<string | null> {
  const row = await world.database.db
    .selectFrom('history')
    .select('to_state')
    .where('tenant_id', '=', tenantId)
    .where('kind', '=', 'event')
    .where('version', '>', version)
    .where(sql<boolean>`(cause->>'effect' = ${effect} or event->>'type' = 'deadline.passed')`)
    .orderBy('version')
    .executeTakeFirst();
  return row?.to_state ?? null;
}
