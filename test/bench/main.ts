import { cpus } from 'node:os';
import { parseArgs } from 'node:util';
import type { Figure } from './figure.ts';
import { countCosts } from './suites/count-costs.ts';
import { dispatching } from './suites/dispatching.ts';
import { failover } from './suites/failover.ts';
import { instances } from './suites/instances.ts';
import { measureSizes } from './suites/measure-sizes.ts';
import { projection } from './suites/projection.ts';
import { receipts } from './suites/receipts.ts';
import { scale } from './suites/scale.ts';
import { vending } from './suites/vending.ts';
import { surround, type Surroundings } from './surroundings.ts';
import { writeDocument } from './write-document.ts';

/**
 * `npm run bench [-- NAME…] [--json] [--document]`: how much the service costs over the least that could do the job. Every figure stands
 * beside its baseline in the same run, on the same database. Fails where something was lost or done twice. `--document` keeps
 * the figures in docs/performance.md. `--tenants 1000,20000`: the sizes of `scale`.
 */
const SUITES: Record<string, (world: Surroundings) => Promise<Figure[]>> = {
  receipts,
  projection,
  vending,
  dispatching,
};
/** Only where they are asked for by name: they take longer, and start processes of their own. */
const LONG_SUITES: Record<string, () => Promise<Figure[]>> = {
  scale: () => scale(values.tenants.split(',').map(Number)),
  instances,
  failover,
};
const OTHERS = ['counts', 'sizes'];
const names = [...Object.keys(SUITES), ...Object.keys(LONG_SUITES), ...OTHERS];

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    json: { type: 'boolean' },
    document: { type: 'boolean' },
    tenants: { type: 'string', default: '1000,100000,1000000' },
  },
});
const unknown = positionals.filter((name) => !names.includes(name));
if (unknown.length > 0) {
  console.error(`There is no ${unknown.join(', ')}. There are: ${names.join(', ')}`);
  process.exit(1);
}
const isWanted = (name: string) =>
  positionals.length === 0 ? !(name in LONG_SUITES) && name !== 'sizes' : positionals.includes(name);

const started = performance.now();
const measured: Record<string, Figure[]> = {};
for (const [name, suite] of Object.entries(SUITES).filter(([suiteName]) => isWanted(suiteName))) {
  const world = await surround();
  try {
    console.error(`${name} …`);
    measured[name] = await suite(world);
  } finally {
    await world.close();
  }
}
for (const [name, suite] of Object.entries(LONG_SUITES).filter(([suiteName]) => isWanted(suiteName))) {
  console.error(`${name} …`);
  measured[name] = await suite();
}
const figures = Object.values(measured).flat();
const counts = isWanted('counts') ? countCosts() : {};
const sizes = isWanted('sizes') ? await measureSizes() : {};
const machine = { cpus: cpus().length, model: cpus()[0]?.model ?? '', node: process.version };
const seconds = Math.round((performance.now() - started) / 1000);

if (values.document) {
  const day = new Date().toISOString().slice(0, 10);
  const on = `${machine.cpus} cores, ${machine.model}, Node ${machine.node}, ${day}`;
  const measuredNow = [
    ...Object.keys(measured),
    ...Object.keys(sizes)
      .slice(0, 1)
      .map(() => 'sizes'),
  ];
  writeDocument({ on: Object.fromEntries(measuredNow.map((name) => [name, on])), figures: measured, sizes });
}
if (values.json) console.log(JSON.stringify({ machine, seconds, figures, counts, sizes }, null, 2));
else {
  console.log(`${machine.cpus} cores, ${machine.model}, Node ${machine.node}, ${seconds} s`);
  console.table(
    figures.map(({ suite, what, perSecond, p50Ms, p99Ms, ratio }) => ({
      suite,
      what,
      'per second': Math.round(perSecond.median),
      'from … to': `${Math.round(perSecond.lowest)} … ${Math.round(perSecond.highest)}`,
      'p50 ms': Number(p50Ms.toFixed(1)),
      'p99 ms': Number(p99Ms.toFixed(1)),
      'of baseline': ratio === null ? 'baseline' : `${ratio.value.toFixed(2)}×`,
    })),
  );
  if (Object.keys(counts).length > 0) console.table(counts);
  if (Object.keys(sizes).length > 0) console.table(sizes);
}
