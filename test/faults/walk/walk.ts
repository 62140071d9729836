import fc from 'fast-check';
import { expect, onTestFinished } from 'vitest';
import { checkInvariants } from '../../support/world/check-invariants.ts';
import { startWorld, type TestWorld } from '../../support/world/start-world.ts';
import { waitFor } from '../../support/service/wait-for.ts';
import { ACCOUNTS, moment, TENANTS, tell, type Moment, type Step } from './steps.ts';
import { takeMoment, type Cast } from './take-moment.ts';

/** In one world; the next begins in a new one, because looking at everything in it takes longer with every walk. */
const WALKS = Number(process.env['SERVICE_WALKS'] ?? 12);
const MOMENTS = { minLength: 8, maxLength: 20 };
const TIME_FOR_WALKING_MS = 10 * 60_000;
/** An hour, give or take a fifth. */
const WATCH_PERIOD_MS = 73 * 60_000;
/** Where a tenant may rest while nothing is wrong with Calendly: all of them are somebody's decision, or name what a person must do. */
const RESTS =
  /^(connected\.(webhooks|polling)|disconnected\.idle|authorizing\.(awaitingConsent|confirmingAccount)|error\.needs\w+)$/;

/** The same paths every time, so that a build says something of the change that it builds; `WALK_SEED=random` for others. */
const seedOf = (round: number): number => {
  const wanted = process.env['WALK_SEED'];
  return wanted === undefined ? round : wanted === 'random' ? Date.now() % 2 ** 31 : Number(wanted);
};

let world: TestWorld;
let walks = 0;
let steps = 0;
const transitions = new Set<string>();

/** Random walks against the running service; at every quiet point all invariants hold. Throws with the shortest path that fails. */
export async function walk({
  instances,
  kills,
  round,
}: {
  instances: number;
  kills: boolean;
  round: number;
}): Promise<void> {
  world = await startWorld({ instances });
  onTestFinished(() => world.stop());
  const seed = seedOf(round);
  let hasFailed = false;
  const property = fc.asyncProperty(fc.array(moment({ kills }), MOMENTS), async (moments) => {
    const cast = newCast();
    try {
      for (const each of moments) {
        await takeMoment(world, cast, each);
        steps += each.length;
        if (each[0]?.do === 'quiet') await quiet(cast, moments);
      }
      await quiet(cast, moments);
    } catch (error) {
      if (!hasFailed) console.log(`Now shrinking:\n  ${tell(moments)}\n${String(error)}`);
      hasFailed = true;
      throw error;
    } finally {
      await world.mend();
      await leave(cast);
    }
  });
  const result = await fc.check(property, {
    numRuns: WALKS,
    seed,
    plugins: [fc.interruptAfterTimeLimit(TIME_FOR_WALKING_MS, { failOnInterrupt: true })],
  });
  console.log(
    `${walks} walks, ${steps} steps, ${transitions.size} different transitions of the running service (seed ${seed})`,
  );
  if (!result.failed) return;
  const [path] = (result.counterexample as [Moment[]] | null) ?? [];
  throw new Error(
    `With WALK_SEED=${seed}, shrunk ${result.numShrinks} times to:\n  ${path ? tell(path) : 'no path: out of time'}\n${String(result.errorInstance)}`,
  );
}

function newCast(): Cast {
  walks++;
  const accounts = ACCOUNTS.map((name) => `${name}-${walks}`);
  for (const slug of accounts) world.sandbox.controls.accounts.add({ slug, name: slug });
  return { accounts, tenants: TENANTS.map((name) => `${name}-${walks}`), shared: new Set() };
}

/** Calendly is well again and time goes by. Nobody does anything. */
async function quiet(cast: Cast, moments: readonly Moment[]): Promise<void> {
  const taken = moments.flat();
  world.sandbox.controls.faults.clear();
  const known = (
    await world.database.db
      .selectFrom('connection')
      .select('tenant_id')
      .where('tenant_id', 'in', cast.tenants)
      .execute()
  ).map((row) => row.tenant_id);
  await world.settle({ tenants: known });
  if (taken.some(({ do: name }) => name === 'disable webhooks' || name === 'revoke login')) {
    // What was done behind our back is found by the next look; one that falls into an open consent or a refresh is left to the next.
    for (let look = 0; look < 3; look++) {
      await world.advance(WATCH_PERIOD_MS);
      await world.settle({ tenants: known });
    }
  }
  for (const tenant of known) expect((await world.contextOf(tenant)).state, `I7: ${tenant} at rest`).toMatch(RESTS);
  const { secondPresentations, lostPairs } = await checkInvariants(world, cast.accounts, known, cast.shared);
  // Only a crash or a cut line costs a second presentation, or tokens.
  if (!taken.some(isDoubtful))
    expect({ secondPresentations, lostPairs }).toEqual({ secondPresentations: 0, lostPairs: 0 });
  for (const tenant of known) await compareMeetings(tenant, cast);
  await noteTransitions(known);
}

const isDoubtful = (each: Step): boolean =>
  each.do === 'kill' || (each.do === 'fault' && ['drop', 'dropAfterWork', 'garbage'].includes(each.fault.kind));

/** I11 as far as it goes without waiting for days: a connected tenant shows what its account has at Calendly. */
async function compareMeetings(tenant: string, { accounts }: Cast): Promise<void> {
  const { state, context } = await world.contextOf(tenant);
  if (state !== 'connected.webhooks') return;
  const account = accounts.find((slug) => world.sandbox.controls.accounts.get(slug).uri === context.grant?.accountUri)!;
  const theirs = world.sandbox.controls
    .meetings(account)
    .map(({ inviteeUri }) => inviteeUri)
    .toSorted();
  await waitFor(
    async () => {
      world.sandbox.controls.deliveries.retryNow();
      const { items } = (await world.api('GET', `/v1/tenants/${tenant}/meetings?limit=100`)).body;
      const ours = items.map((item: { inviteeUri: string }) => item.inviteeUri).toSorted();
      return JSON.stringify(ours) === JSON.stringify(theirs);
    },
    { describe: `the meetings of ${account} at ${tenant}`, timeoutMs: 15_000 },
  );
}

async function noteTransitions(tenants: string[]): Promise<void> {
  const rows = await world.database.db
    .selectFrom('history')
    .select(['from_state', 'to_state', 'event'])
    .where('kind', '=', 'event')
    .where('tenant_id', 'in', [...tenants, ''])
    .execute();
  for (const row of rows) transitions.add(`${row.from_state} ${(row.event as { type: string }).type} ${row.to_state}`);
}

/** I9, in whatever state the walk left them. */
async function leave({ tenants, accounts, shared }: Cast): Promise<void> {
  for (const tenant of tenants)
    await world.api('DELETE', `/v1/tenants/${tenant}/connection`, { headers: { prefer: 'respond-async' } });
  const known = (
    await world.database.db.selectFrom('connection').select('tenant_id').where('tenant_id', 'in', tenants).execute()
  ).map((row) => row.tenant_id);
  await world.settle({ tenants: known });
  for (const tenant of known) expect((await world.contextOf(tenant)).state).toBe('disconnected.idle');
  await checkInvariants(world, accounts, known, shared);
}
