import { sql } from 'kysely';
import type { TestWorld } from '../../support/world/start-world.ts';
import { waitFor } from '../../support/service/wait-for.ts';
import type { Journey } from '../journeys.ts';

/** A tenant that is brought to the moment. */
export interface Tenant {
  tenantId: string;
  journey: Journey;
}

/** The service stands at the moment with all tenants. */
export interface Held {
  /** Whoever asked, each; they may get no answer. */
  callers: Promise<unknown>[];
  /** Lets it go on. */
  release(): Promise<void>;
}

/** The answer of Calendly is that long on its way: long enough for all tenants to have asked, and for the sickness to be there first. */
const ON_ITS_WAY_MS = 4_000;

/** Brings all of these tenants to the same moment of their effects, each of its own. */
export const moments = {
  'before the call': async (world, tenants) => {
    const callers = await holdAll(world, tenants, () => 'run');
    return { callers, release: () => world.gates.open('run') };
  },
  'after the work, before the answer': async (world, tenants) => {
    const { controls } = world.sandbox;
    const callers: Promise<unknown>[] = [];
    for (const tenant of tenants) {
      const {
        journey: { call, isDone = () => true },
        tenantId,
      } = tenant;
      const fault = controls.faults.add({ ...call, kind: 'delayAfterWork', ms: ON_ITS_WAY_MS });
      callers.push(trigger(world, tenant));
      await waitFor(() => controls.calls().some((each) => each.fault === fault) && isDone(world, tenantId), {
        describe: `${tenantId} to have it done`,
      });
    }
    return { callers, release: async () => {} };
  },
  'after the answer, before the commit': async (world, tenants) => {
    const callers = await holdAll(world, tenants, lastGateOf);
    return { callers, release: () => openAnswers(world) };
  },
  'after the commit': async (world, tenants) => {
    const done = await Promise.all(tenants.map((tenant) => answersOf(world, tenant)));
    const callers = await holdAll(world, tenants, lastGateOf);
    await world.gates.close('run', '*');
    await openAnswers(world);
    await waitFor(
      async () =>
        (await Promise.all(tenants.map((tenant) => answersOf(world, tenant)))).every((count, at) => count > done[at]!),
      { describe: 'every commit' },
    );
    return { callers, release: () => world.gates.open('run') };
  },
} satisfies Record<string, (world: TestWorld, tenants: Tenant[]) => Promise<Held>>;

export type MomentName = keyof typeof moments;

const trigger = (world: TestWorld, { tenantId, journey }: Tenant): Promise<unknown> =>
  Promise.resolve(journey.trigger(world, tenantId, tenantId)).catch(() => 'no answer');

const lastGateOf = ({ isSilent }: Journey) => (isSilent ? 'finish' : 'commit');

async function openAnswers({ gates }: TestWorld): Promise<void> {
  await gates.open('commit');
  await gates.open('finish');
}

async function holdAll(
  world: TestWorld,
  tenants: Tenant[],
  gateOf: (journey: Journey) => 'run' | 'commit' | 'finish',
): Promise<Promise<unknown>[]> {
  for (const { tenantId, journey } of tenants) await world.gates.close(gateOf(journey), journey.effect, tenantId);
  const callers: Promise<unknown>[] = [];
  const held = { run: 0, commit: 0, finish: 0 };
  for (const tenant of tenants) {
    const gate = gateOf(tenant.journey);
    callers.push(trigger(world, tenant));
    await world.gates.reached(gate, ++held[gate]);
  }
  return callers;
}

/** How many answers of this tenant's effect are stored. */
async function answersOf(world: TestWorld, { tenantId, journey: { effect } }: Tenant): Promise<number> {
  const { rows } = await sql<{
    count: number;
  }>`select (select count(*) from history where tenant_id = ${tenantId} and cause->>'effect' = ${effect})::int
    + (select count(*) from effect where tenant_id = ${tenantId} and type = ${effect} and answered_at is not null)::int as count`.execute(
    world.database.db,
  );
  return rows[0]!.count;
}
