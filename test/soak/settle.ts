import { sql } from 'kysely';
import { setTimeout as pause } from 'node:timers/promises';
import type { CalendlySide } from './calendly-side.ts';
import type { Caretaker } from './caretaker.ts';
import { compare, type Comparison } from './compare.ts';
import type { SoakWorld } from './world.ts';

/** The bound of the whole rest; it ends as soon as everything is right. */
const PATIENCE_MS = 6 * 60_000;
const ROUND_MS = 3_000;
/** Nothing is under way any more, so this often is enough to see that nothing will change. */
const QUIET_ROUNDS = 5;

/**
 * Trouble is over: what time would bring is brought now (retries of deliveries and of ours, the hourly watch, the daily
 * back-fill), and people do what is asked of them, until all is as at Calendly or the patience is at its end.
 */
export async function settle(
  world: SoakWorld,
  side: CalendlySide,
  caretaker: Caretaker,
  say: (text: string) => void,
): Promise<Comparison> {
  const end = performance.now() + PATIENCE_MS;
  const {
    sandbox: { controls },
    service,
  } = world;
  if (!service.isRunning) await service.start();
  await bringWatch(world);
  let isReconciled = false;
  let rounds = 0;
  for (;;) {
    controls.deliveries.retryNow();
    await bringRetries(world);
    const open = await caretaker.round();
    side.look();
    const waiting = controls.deliveries.list({ status: 'pending' }).length;
    const busy = await unanswered(world);
    say(`${open.length} tenants not as wanted, ${waiting} deliveries waiting, ${busy} effects under way`);
    const isQuiet = open.length === 0 && waiting === 0 && busy === 0;
    if (isQuiet && !isReconciled) {
      const before = await compare(world, side);
      world.happened.add('difference before the daily back-fill', before.differences.length);
      await bringBackfills(world, say);
      isReconciled = true;
      continue;
    }
    if (isQuiet || performance.now() > end) {
      const result = await compare(world, side);
      if (result.differences.length === 0 || performance.now() > end || ++rounds === QUIET_ROUNDS) return result;
      say(`${result.differences.length} differences left: ${result.differences[0]}`);
    }
    await pause(ROUND_MS);
  }
}

/** Timers that wait for something to be tried again, not those that wait for a person. */
async function bringRetries({ database: { db } }: SoakWorld): Promise<void> {
  await sql`update timer set due_at = now() where due_at > now()
    and (name in ('retry', 'backfill', 'plan', 'poll') or name like 'debt:%')`.execute(db);
  await sql`update pgboss.job set start_after = now() where state in ('created', 'retry') and start_after > now()`.execute(
    db,
  );
}

async function bringWatch({ database: { db } }: SoakWorld): Promise<void> {
  await sql`update timer set due_at = now() where name = 'watch'`.execute(db);
}

/** A day passes: every tenant's meetings are due to be compared with Calendly's. Waits until they have been. */
async function bringBackfills(world: SoakWorld, say: (text: string) => void): Promise<void> {
  const {
    database: { db },
    tenants,
  } = world;
  const {
    rows: [{ at }],
  } = (await sql<{
    at: Date;
  }>`update connection set backfill_asked_at = now() - interval '3 days' returning clock_timestamp() as at`.execute(
    db,
  )) as { rows: [{ at: Date }] };
  const end = performance.now() + PATIENCE_MS;
  for (let done = 0; done < tenants.length && performance.now() < end;) {
    const row = await db
      .selectFrom('backfill')
      .select(({ fn }) => fn.count<number>('tenant_id').distinct().as('count'))
      .where('finished_at', '>', at)
      .where('started_at', '>', at)
      .where('tenant_id', 'like', 'tenant-%')
      .executeTakeFirstOrThrow();
    done = Number(row.count);
    say(`the daily back-fill: ${done} of ${tenants.length} tenants`);
    if (done > 0 && done < tenants.length) await reconnectMeanwhile(world);
    await bringRetries(world);
    await pause(ROUND_MS);
  }
}

/** Who connects while everybody's meetings are being fetched must not have to wait for that. */
async function reconnectMeanwhile({ host, random, tenants, reconnects }: SoakWorld): Promise<void> {
  const tenant = random.of(tenants);
  const start = performance.now();
  await host.connect(tenant.id, tenant.wanted, false);
  reconnects.push(performance.now() - start);
}

/** Of the tenants that are judged: a neighbour may have some that no instance of this release answers. */
async function unanswered({ database: { db } }: SoakWorld): Promise<number> {
  const row = await db
    .selectFrom('effect')
    .select(({ fn }) => fn.countAll<number>().as('count'))
    .where('answered_at', 'is', null)
    .where('tenant_id', 'like', 'tenant-%')
    .executeTakeFirstOrThrow();
  return Number(row.count);
}
