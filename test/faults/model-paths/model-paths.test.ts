import { afterAll, beforeAll, expect, test } from 'vitest';
import { statePath } from '../../../src/connection/dispatch/snapshot.ts';
import { checkInvariants } from '../../support/world/check-invariants.ts';
import { startWorld, type TestWorld } from '../../support/world/start-world.ts';
import { waitFor } from '../../support/service/wait-for.ts';
import { connectionOf } from '../journeys.ts';
import { CALLS } from './causes.ts';
import { drive, type Traveller } from './drive.ts';
import { findPaths } from './find-paths.ts';

const { paths, reached, all } = findPaths();
const effects = Object.keys(CALLS);

let world: TestWorld;
beforeAll(async () => {
  world = await startWorld();
});
afterAll(() => world.stop());

let count = 0;

/** Every effect waits at its gate, so that each event is the path's next one and no other. */
test.each(paths.map(({ sentence, steps }) => [sentence, steps] as const))('%s', async (_, steps) => {
  const name = `path-${++count}`;
  const traveller: Traveller = { tenantId: name, accounts: [name, `${name}-other`], authorizeUrl: null, account: name };
  for (const slug of traveller.accounts) world.sandbox.controls.accounts.add({ slug, name: slug });
  for (const effect of effects) await world.gates.close('run', effect);
  try {
    for (const [at, step] of steps.entries()) {
      await drive(world, traveller, step, steps.slice(at + 1));
      await compare(
        traveller,
        step.to,
        steps
          .slice(0, at + 1)
          .map(({ says }) => says)
          .join(' → '),
      );
    }
    await world.gates.open('run');
  } catch (error) {
    await world.mend();
    throw error;
  }
  await world.api('DELETE', connectionOf(name), { headers: { prefer: 'respond-async' } });
  await world.settle({ tenants: [name] });
  expect((await world.contextOf(name)).state).toBe('disconnected.idle');
  await checkInvariants(world, traveller.accounts, [name]);
});

test('the world can bring about most transitions of the machine', () => {
  console.log(`${reached} of ${all} transitions on ${paths.length} paths through the running service`);
  expect(reached).toBeGreaterThan(all * 0.7);
});

/** API = row = model: the same state, from three sides. */
async function compare({ tenantId }: Traveller, expected: string, sentence: string): Promise<void> {
  await waitFor(async () => (await world.contextOf(tenantId)).state === expected, {
    describe: `${expected} after ${sentence}`,
  });
  const { body } = await world.api('GET', connectionOf(tenantId));
  expect(body.substate === null ? body.state : `${body.state}.${body.substate}`, sentence).toBe(expected);
  const row = await world.database.db
    .selectFrom('connection')
    .select(['snapshot', 'version'])
    .where('tenant_id', '=', tenantId)
    .executeTakeFirstOrThrow();
  expect(statePath((row.snapshot as { value: unknown }).value), sentence).toBe(expected);
  expect(body.version, sentence).toBe(row.version);
}
