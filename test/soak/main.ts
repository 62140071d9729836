import { setTimeout as pause } from 'node:timers/promises';
import { CalendlySide } from './calendly-side.ts';
import { Caretaker } from './caretaker.ts';
import { Chaos } from './chaos.ts';
import { inParallel } from './in-parallel.ts';
import { Load } from './load.ts';
import { Neighbours } from './neighbours.ts';
import { Probe } from './probe.ts';
import { duration } from './quantiles.ts';
import { report } from './report.ts';
import { readSettings } from './settings.ts';
import { settle } from './settle.ts';
import { openSoakWorld, type SoakWorld } from './world.ts';

/** Without trouble, to have something to compare with. */
const CALM_SHARE = 0.15;
/** A removal of a no-show that a back-fill is to find has to be older than this; see docs/soak.md. */
const LAST_NO_SHOW_BACK_MS = 75_000;
const LOOK_MS = 4_000;
const ROUND_MS = 5_000;
const BOOKINGS_BEFORE = 3;
const PROBED = 0.1;

const started = performance.now();
const say = (text: string) =>
  void process.stderr.write(
    `${new Date(Math.round(performance.now() - started)).toISOString().slice(11, 19)}  ${text}\n`,
  );

async function soak(world: SoakWorld): Promise<boolean> {
  const { settings, tenants, random, service } = world;
  const side = new CalendlySide(world);
  const caretaker = new Caretaker(world);
  const neighbours = new Neighbours(world);
  const chaos = new Chaos(world, side, caretaker, neighbours);
  const load = new Load(world);
  const probe = new Probe();

  say(`${settings.tenants} tenants, ${settings.rate} changes/s for ${settings.minutes} min, seed ${settings.seed}`);
  await service.start();
  const beforeConnecting = performance.now();
  for (const tenant of tenants) for (let count = 0; count < BOOKINGS_BEFORE; count++) load.step(tenant);
  await inParallel(tenants, 8, (tenant) => caretaker.tend(tenant));
  await neighbours.moveIn();
  const connecting = performance.now() - beforeConnecting;
  say(`everybody asked and consented after ${duration(connecting)}`);

  const loadMs = settings.minutes * 60_000;
  const beforeLoad = performance.now();
  const elapsed = () => performance.now() - beforeLoad;
  const isCalm = () => elapsed() < loadMs * CALM_SHARE;
  let isOver = false;
  const during = async (everyMs: number, work: () => void | Promise<void>) => {
    while (!isOver) {
      await work();
      await pause(everyMs);
    }
  };
  let trouble: Promise<void> | undefined;
  let steps = 0;
  const probes: Promise<void>[] = [];
  const background = [
    during(50, () => {
      if (!isCalm()) trouble ??= chaos.run();
      load.takesBackNoShows = elapsed() < loadMs - LAST_NO_SHOW_BACK_MS;
      // As many as are due by the clock: a moment that the machine was too busy for is made up.
      for (; steps < (elapsed() / 1000) * settings.rate; steps++) {
        const booked = load.step();
        if (booked && random.next() < PROBED)
          probes.push(probe.follow(world, isCalm() ? 'calm' : 'in trouble', booked));
      }
    }),
    during(LOOK_MS, () => side.look()),
    during(ROUND_MS, async () => void (await caretaker.round())),
    during(10_000, () => progress(world, load, side)),
  ];
  await pause(loadMs);
  chaos.stop();
  isOver = true;
  await trouble;
  await Promise.all(background);
  const loadTook = performance.now() - beforeLoad;

  say('trouble is over: what is still open is brought to its end');
  const beforeSettling = performance.now();
  const comparison = await settle(world, side, caretaker, say);
  await Promise.all(probes);
  const lines = await report(world, side, load, probe, comparison, {
    connecting,
    load: loadTook,
    settling: performance.now() - beforeSettling,
  });
  process.stdout.write(`${lines.join('\n')}\n`);
  return comparison.differences.length === 0 && service.problems.sum('fatal') === 0;
}

async function progress(
  { database: { db }, service, happened }: SoakWorld,
  load: Load,
  side: CalendlySide,
): Promise<void> {
  const rows = await db
    .selectFrom('connection')
    .select(['state', ({ fn }) => fn.countAll<number>().as('count')])
    .groupBy('state')
    .execute();
  const states = rows.map(({ state, count }) => `${state} ${count}`).join(', ');
  const failed = [...side.deliveries.values()].filter(
    ({ status, attempts }) => status !== 'delivered' || attempts > 1,
  ).length;
  say(
    `${load.changes.length} changes · ${side.deliveries.size} deliveries, ${failed} with trouble · ${side.calls} calls, ${happened.sum('fault:')} struck · ` +
      `${service.kills.length} kills${service.isRunning ? '' : ' (down)'} · ${states}`,
  );
}

const world = await openSoakWorld(readSettings(process.env));
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  // Nothing that was started is left behind: neither the service nor PostgreSQL.
  process.once(signal, () => void world.close().finally(() => process.exit(1)));
}
let isRight = false;
try {
  isRight = await soak(world);
} finally {
  await world.close();
}
process.stdout.write(
  isRight ? '\nEvery tenant shows exactly what Calendly has.\n' : '\nThis is not as it should be.\n',
);
process.exit(isRight ? 0 : 1);
