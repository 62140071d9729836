import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { drawFigures } from './draw-figures.ts';
import type { Figure } from './figure.ts';

const DOCS = new URL('../../docs/', import.meta.url);
const BEGIN = '<!-- figures: npm run bench -- NAME… --document -->';
const END = '<!-- /figures -->';

export interface Measured {
  /** What was measured where: machine, versions, date. By the name of the suite. */
  on: Record<string, string>;
  figures: Record<string, Figure[]>;
  sizes: Record<string, string>;
}

/**
 * Keeps what was measured in docs/performance.json, and makes the table of docs/performance.md and its picture of it. Suites that were not measured
 * this time stay as they were.
 */
export function writeDocument(measured: Measured): void {
  const file = new URL('performance.json', DOCS);
  const kept: Measured = existsSync(file)
    ? (JSON.parse(readFileSync(file, 'utf8')) as Measured)
    : { on: {}, figures: {}, sizes: {} };
  const all: Measured = {
    on: { ...kept.on, ...measured.on },
    figures: { ...kept.figures, ...measured.figures },
    sizes: { ...kept.sizes, ...measured.sizes },
  };
  writeFileSync(file, `${JSON.stringify(all, null, 2)}\n`);
  writeFileSync(new URL('performance.svg', DOCS), drawFigures(Object.values(all.figures).flat()));
  const page = new URL('performance.md', DOCS);
  const [before, rest] = readFileSync(page, 'utf8').split(BEGIN);
  const after = rest?.split(END)[1];
  if (after === undefined) throw new Error(`docs/performance.md has no place for figures: ${BEGIN}`);
  writeFileSync(
    page,
    `${before}${BEGIN}\n\n![The figures as bars](performance.svg)\n\n${tablesOf(all)}\n${END}${after}`,
  );
}

function tablesOf({ on, figures, sizes }: Measured): string {
  const ofSuites = Object.entries(figures).map(([name, all]) => {
    const rows = all.map(({ suite, what, perSecond, p50Ms, p99Ms, ratio }) =>
      [
        suite,
        what,
        `${Math.round(perSecond.median)} (${Math.round(perSecond.lowest)}–${Math.round(perSecond.highest)})`,
        p50Ms.toFixed(1),
        p99Ms.toFixed(1),
        ratio === null ? '' : `${ratio.value.toFixed(2)}×`,
      ].join(' | '),
    );
    const head =
      '| | what | per second (lowest–highest) | p50 ms | p99 ms | of the baseline |\n|---|---|---|---|---|---|';
    return `\`npm run bench -- ${name}\` on ${on[name]}:\n\n${head}\n${rows.map((row) => `| ${row} |`).join('\n')}\n`;
  });
  const ofSizes = Object.entries(sizes).map(([what, size]) => `| ${what} | ${size} |`);
  if (ofSizes.length > 0)
    ofSuites.push(`\`npm run bench -- sizes\` on ${on['sizes']}:\n\n| | |\n|---|---|\n${ofSizes.join('\n')}\n`);
  return ofSuites.join('\n');
}
