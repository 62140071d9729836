import { cpus } from 'node:os';
import { parseArgs } from 'node:util';
import type { Figure } from './figure.ts';
import { countCosts } from './suites/count-costs.ts';
import { dispatching } from './suites/dispatching.ts';
import { projection } from './suites/projection.ts';
import { receipts } from './suites/receipts.ts';
import { vending } from './suites/vending.ts';
import { surround, type Surroundings } from './surroundings.ts';

/**
 * `npm run bench [-- NAME…] [--json]`: how much the service costs over the least that could do the job. Every figure stands beside
 * its baseline in the same run, on the same database. Fails where something was lost or done twice.
 */
const SUITES: Record<string, (world: Surroundings) => Promise<Figure[]>> = {
  receipts,
  projection,
  vending,
  dispatching,
};
const { values, positionals } = parseArgs({ allowPositionals: true, options: { json: { type: 'boolean' } } });
const unknown = positionals.filter((name) => name !== 'counts' && !(name in SUITES));
if (unknown.length > 0) {
  console.error(`There is no ${unknown.join(', ')}. There are: counts, ${Object.keys(SUITES).join(', ')}`);
  process.exit(1);
}
const isWanted = (name: string) => positionals.length === 0 || positionals.includes(name);

const started = performance.now();
const figures: Figure[] = [];
for (const [name, suite] of Object.entries(SUITES).filter(([suiteName]) => isWanted(suiteName))) {
  const world = await surround();
  try {
    console.error(`${name} …`);
    figures.push(...(await suite(world)));
  } finally {
    await world.close();
  }
}
const counts = isWanted('counts') ? countCosts() : {};
const machine = { cpus: cpus().length, model: cpus()[0]?.model ?? '', node: process.version };
const seconds = Math.round((performance.now() - started) / 1000);

if (values.json) console.log(JSON.stringify({ machine, seconds, figures, counts }, null, 2));
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
  console.table(counts);
}
