import { sql } from 'kysely';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import type { FaultInput } from '../../src/sandbox/index.ts';
import { budgets, exceeded } from '../model/virtual-time/budgets.ts';
import type { Costs } from '../model/virtual-time/life.ts';
import { checkInvariants } from '../support/world/check-invariants.ts';
import { untilNextJob } from '../support/world/moved-time.ts';
import { startWorld, type TestWorld } from '../support/world/start-world.ts';
import { connectionOf, connectInWorld } from './journeys.ts';

const SECOND = 1000;
const HOUR = 3600 * SECOND;
/** A token's life, and as long again without one. */
const HOURS = 4;
/** In these hours lie all the short waits of the day, and a token's end: the share that they may have of a day's budget. */
const SHARE = 0.4;
/** What is postponed for a moment looks again this often; time is not moved in smaller steps. */
const LEAST_STEP = 30 * SECOND;

let world: TestWorld;
beforeAll(async () => {
  world = await startWorld();
});
let tenant = '';
afterEach(async () => {
  await world.mend();
  // Of a test that failed, too: it must not add to the costs of the next.
  await world.api('DELETE', connectionOf(tenant));
});
afterAll(() => world.stop());

const failures: Record<string, FaultInput> = {
  'the connection is cut at the token endpoint': {
    method: 'POST',
    path: '/oauth/token',
    kind: 'drop',
    times: 'forever',
  },
  'the client secret is wrong': { path: '/oauth/*', kind: 'respond', status: 401, times: 'forever' },
  'all of Calendly answers 503': { path: '/*', kind: 'respond', status: 503, times: 'forever' },
};

let count = 0;

/** The running service, held to the budget that the machine alone keeps in test/machines/virtual-time.test.ts. */
test.each(Object.entries(failures))(
  `${HOURS} hours in which %s: few calls, few rows, nothing piles up, and it mends itself`,
  async (_, fault) => {
    tenant = `long-${++count}`;
    world.sandbox.controls.accounts.add({ slug: tenant, name: tenant });
    await connectInWorld(world, tenant, tenant);
    world.sandbox.controls.clearCalls();
    const before = await rowsOf(tenant);
    world.sandbox.controls.faults.add(fault);
    for (let moved = 0; moved < HOURS * HOUR;) {
      await world.idle();
      const step = Math.max(LEAST_STEP, (await untilNextJob(world.database.db, /./)) ?? HOUR);
      await world.advance(step);
      moved += step;
    }
    const calls = world.sandbox.controls.calls();
    const { oauthCalls, apiCalls, historyRows } = budgets.failing;
    const costs = {
      oauthCalls: calls.filter(({ path }) => path.startsWith('/oauth/')).length,
      apiCalls: calls.filter(({ path }) => !path.startsWith('/oauth/')).length,
      historyRows: (await rowsOf(tenant)) - before,
      effectRuns: 0,
    };
    const share: Costs = {
      oauthCalls: oauthCalls * SHARE,
      apiCalls: apiCalls * SHARE,
      historyRows: historyRows * SHARE,
      effectRuns: 0,
    };
    expect(exceeded(costs, share)).toEqual([]);
    expect(await openEffectsOf(tenant), 'effects without an answer').toBeLessThanOrEqual(1);

    world.sandbox.controls.faults.clear();
    await world.settle({ tenants: [tenant], recheck: true, within: 1.25 * HOUR });
    expect((await world.contextOf(tenant)).state).toBe('connected.webhooks');
    const { lostPairs } = await checkInvariants(world, [tenant], [tenant]);
    expect(lostPairs).toBe(0);
  },
  180_000,
);

const rowsOf = async (tenantId: string): Promise<number> =>
  (
    await sql<{ count: number }>`select count(*)::int as count from history where tenant_id = ${tenantId}`.execute(
      world.database.db,
    )
  ).rows[0]!.count;

const openEffectsOf = async (tenantId: string): Promise<number> =>
  (
    await world.database.db
      .selectFrom('effect')
      .select('id')
      .where('tenant_id', '=', tenantId)
      .where('answered_at', 'is', null)
      .execute()
  ).length;
