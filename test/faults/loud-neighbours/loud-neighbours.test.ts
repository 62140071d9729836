import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startReceiver, type Receiver } from '../../support/service/start-receiver.ts';
import { startWorld, type TestWorld } from '../../support/world/start-world.ts';
import { connectInWorld } from '../journeys.ts';
import { ACTS, act, BYSTANDER, UPKEEP, type Act } from './bystander.ts';
import { moveIn, NOISES, type Neighbours } from './neighbours.ts';

const SEED = Number(process.env['WALK_SEED'] ?? 1);
const WALKS = Number(process.env['LOUD_WALKS'] ?? 3);
const MOMENTS = { minLength: 6, maxLength: 10 };

let world: TestWorld;
let receiver: Receiver;
let neighbours: Neighbours;
/** What each act leaves in the history when all is quiet. */
const whenQuiet = new Map<Act, string[]>();

beforeAll(async () => {
  receiver = await startReceiver();
  world = await startWorld({ env: { ...receiver.env, REFRESH_RECENT_SECONDS: '0' } });
  world.sandbox.controls.accounts.add({ slug: BYSTANDER, name: BYSTANDER });
  await connectInWorld(world, BYSTANDER, BYSTANDER);
  for (const what of [...ACTS, ...UPKEEP]) whenQuiet.set(what, await act(world, receiver, what));
  neighbours = await moveIn(world, receiver);
}, 240_000);
afterAll(async () => {
  await neighbours.calmDown();
  await world.stop();
  await receiver.close();
});

test('whatever the neighbours do, a tenant whom none of it concerns has its way, with the same events, and soon', async () => {
  const moment = fc.record({
    noises: fc.uniqueArray(fc.constantFrom(...NOISES), { minLength: 1 }),
    what: fc.constantFrom(...ACTS),
  });
  const walk = fc.asyncProperty(fc.array(moment, MOMENTS), async (moments) => {
    for (const { noises, what } of moments) {
      for (const noise of noises) await neighbours.noises[noise]();
      expect(await act(world, receiver, what), `${what} while: ${noises.join(', ')}`).toEqual(whenQuiet.get(what));
    }
  });
  // A noise cannot be unmade: what a walk finds is told as it was, and not cut down.
  await fc.assert(walk, { numRuns: WALKS, seed: SEED, endOnFailure: true });
  for (const what of UPKEEP) expect(await act(world, receiver, what), what).toEqual(whenQuiet.get(what));
  const { rows } = await world.database.pool.query(
    `select to_state from history where tenant_id = $1 and to_state like 'error.%'`,
    [BYSTANDER],
  );
  expect(rows).toEqual([]);
}, 600_000);
