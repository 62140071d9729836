import { readFileSync, writeFileSync } from 'node:fs';
import { expect } from 'vitest';
import type { AccountTruth } from '../support/world/check-invariants.ts';
import type { Journey } from './journeys.ts';

const DOCUMENT = new URL('../../docs/failure-modes.md', import.meta.url);

export interface Outcome extends AccountTruth {
  journey: Journey;
  /** What went wrong. */
  fault: string;
  /** Where a person finds the tenant while it lasts. */
  meanwhile: string;
  /** Where the tenant is once the world is well again, nobody having done anything. */
  finally: string;
}

/** Outcomes as a table of docs/failure-modes.md, one row for all faults that come to the same. */
export function documentOutcomes(section: string, meanwhile: string, outcomes: Outcome[]): void {
  const rows = new Map<string, string[]>();
  for (const { journey, fault, ...outcome } of outcomes) {
    const key = [
      `\`${journey.effect}\` (${journey.says})`,
      '',
      `\`${outcome.meanwhile}\``,
      `\`${outcome.finally}\``,
      costsOf(outcome),
    ].join(' | ');
    rows.set(key, [...(rows.get(key) ?? []), fault]);
  }
  const table = [
    `| effect (while) | what went wrong | ${meanwhile} | in the end | costs |`,
    '|---|---|---|---|---|',
    ...[...rows].map(([key, faults]) => `| ${key.replace(' |  | ', ` | ${faults.join(' · ')} | `)} |`),
  ].join('\n');
  documentTable(section, table);
}

/** The table of a section has to stand in docs/failure-modes.md: `npm run generate:failure-modes` writes it there, any other run compares. */
export function documentTable(section: string, table: string): void {
  const document = readFileSync(DOCUMENT, 'utf8');
  const [before, rest] = document.split(`<!-- generated: ${section} -->\n`);
  const [written, ...after] = (rest ?? '').split(/\n?<!-- end -->/);
  if (process.env['GENERATE'] === 'failure-modes') {
    writeFileSync(
      DOCUMENT,
      `${before}<!-- generated: ${section} -->\n${table}\n<!-- end -->${after.join('\n<!-- end -->')}`,
    );
  } else {
    expect(written, 'docs/failure-modes.md is what `npm run generate:failure-modes` makes of this run').toBe(table);
  }
}

function costsOf({ secondPresentations, lostPairs }: Pick<Outcome, keyof AccountTruth>): string {
  return (
    [
      ...(secondPresentations > 0 ? ['a second presentation'] : []),
      ...(lostPairs > 0 ? ['tokens that nobody holds'] : []),
    ].join(', ') || '–'
  );
}
