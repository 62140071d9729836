import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { checkInvariants } from '../../support/world/check-invariants.ts';
import { makeSick, type SickPostgres } from '../../support/postgres/sick-postgres.ts';
import { startWorld, type TestWorld } from '../../support/world/start-world.ts';
import { createTestDatabase } from '../../support/postgres/test-database.ts';
import { waitFor } from '../../support/service/wait-for.ts';
import { connectionOf, journeys } from '../journeys.ts';
import { documentTable } from '../outcomes.ts';
import { moments, type MomentName, type Tenant } from './moments.ts';
import { sicknesses, type Sickness, type SicknessName } from './sicknesses.ts';

/** So many tenants at once: each holds a connection of the service's pool at most of the moments. */
const AT_ONCE = 6;
/** The service has met it: a job or a save has failed. */
const MET = /no jobs could be fetched|a job failed|could not be stored|that a job failed/;

let world: TestWorld;
let sick: SickPostgres;
beforeAll(async () => {
  const database = await createTestDatabase();
  sick = await makeSick(database);
  world = await startWorld({ database, env: { DATABASE_URL: sick.url } });
});
afterEach(async () => {
  await sick.heal();
  await world.mend();
});
afterAll(async () => {
  await world.stop();
  await sick.close();
});

const names = Object.keys(moments) as MomentName[];
let count = 0;

/** The tests of these sicknesses: every effect, at every moment; in the end all is as if the database had been well. */
export function testSicknesses(section: string, chosen: SicknessName[]): void {
  const cells = new Map<string, string>();
  const cases = chosen.flatMap((sickness) => names.map((moment) => ({ sickness, moment })));

  test.each(cases)(
    '$sickness, $moment: no effect leaves anything else behind than without it',
    async ({ sickness, moment }) => {
      const outcomes: string[] = [];
      for (let from = 0; from < journeys.length; from += AT_ONCE) {
        const tenants = await prepare(from);
        const ids = tenants.map(({ tenantId }) => tenantId);
        await fallSick(sicknesses[sickness], moment, tenants);
        await world.settle({ tenants: ids, recheck: true });
        for (const { tenantId, journey } of tenants) {
          const { state } = await world.contextOf(tenantId);
          const truth = await checkInvariants(world, [tenantId], [tenantId]);
          const isAsWithout = state === journey.goal && truth.lostPairs === 0 && truth.secondPresentations === 0;
          if (!isAsWithout)
            outcomes.push(`\`${journey.effect}\` (${journey.says}): \`${state}\` ${JSON.stringify(truth)}`);
        }
        for (const tenantId of ids) await world.api('DELETE', connectionOf(tenantId));
        await world.settle({ tenants: ids });
        for (const tenantId of ids) expect((await world.contextOf(tenantId)).state, tenantId).toBe('disconnected.idle');
      }
      cells.set(`${sickness} ${moment}`, outcomes.length === 0 ? 'as without it' : outcomes.join('; '));
      expect(outcomes).toEqual([]);
    },
    240_000,
  );

  test('the outcomes are those of docs/failure-modes.md', () => {
    expect(cells.size).toBe(cases.length);
    documentTable(
      section,
      [
        `| the database | ${names.join(' | ')} |`,
        `|---|${names.map(() => '---|').join('')}`,
        ...chosen.map(
          (sickness) => `| ${sickness} | ${names.map((moment) => cells.get(`${sickness} ${moment}`)).join(' | ')} |`,
        ),
      ].join('\n'),
    );
  });
}

async function prepare(from: number): Promise<Tenant[]> {
  const tenants = journeys.slice(from, from + AT_ONCE).map((journey) => ({ journey, tenantId: `sick-${++count}` }));
  for (const { tenantId, journey } of tenants) {
    world.sandbox.controls.accounts.add({ slug: tenantId, name: tenantId });
    world.sandbox.controls.book({ account: tenantId, name: 'Gina Guest', email: 'gina@guest.example' });
    await journey.prepare(world, tenantId, tenantId);
  }
  return tenants;
}

/** Brings all to the moment, makes the database sick under it, and heals it when the service has met that. */
async function fallSick(sickness: Sickness, moment: MomentName, tenants: Tenant[]): Promise<void> {
  const { callers, release } = await moments[moment](world, tenants);
  const logged = world.logged.length;
  const recover = await sickness(
    sick,
    tenants.map(({ tenantId }) => tenantId),
  );
  await release();
  await waitFor(() => world.logged.slice(logged).some((line) => MET.test(line)), {
    describe: 'the service to meet it',
    timeoutMs: 20_000,
  });
  await recover?.();
  await sick.heal();
  await Promise.all(callers);
}
