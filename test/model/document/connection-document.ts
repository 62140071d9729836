import { connectionMachine, MACHINE_VERSION } from '../../../machines/connection/index.ts';
import type { Cover, Coverage } from '../explore.ts';
import { pathWalker, type MachinePath } from '../paths.ts';
import { chartsOf } from './charts.ts';
import { effectTable, fenceTable, table, timerTable, transitionTables } from './tables.ts';

export const DOCUMENT_URL = new URL('../../../docs/connection-machine.md', import.meta.url);

/** `docs/connection-machine.md`, made from the machine and from all paths that lead through it. */
export function connectionDocument({ paths, coverage }: { paths: MachinePath[]; coverage: Coverage }): string {
  const lastStep = pathWalker();
  const steps = paths.map(({ events }) => lastStep(events));
  const sections = [
    `# The connection machine

<!-- Made by \`npm run generate:docs\` from machines/connection; do not edit. A test fails when it is stale. -->

The one lifecycle of one tenant, version ${MACHINE_VERSION}.
An event that is not in the table of its state, of the states around it, or in the last table changes nothing.`,
    `## What the tests cover

${coverageTable(paths, coverage)}`,
    '## Charts',
    ...chartsOf(connectionMachine).map(({ title, chart }) => `### ${title}\n\n\`\`\`mermaid\n${chart}\n\`\`\``),
    '## State × event',
    ...inOrder(transitionTables(connectionMachine)).map(({ title, table: rows }) => `### ${title}\n\n${rows}`),
    `## Late events

Every step has a number, the generation, and what a step asks for carries it.

${fenceTable()}`,
    `## Timers

A timer is a row with its due time. Times are the least and the most that the paths have shown: most delays are spread by ±20 %.

${timerTable(steps)}`,
    `## Effects

${effectTable(steps)}`,
  ];
  return `${sections.join('\n\n')}\n`;
}

/** The root's comes last: states decide first. */
function inOrder<T>([root, ...others]: T[]): T[] {
  return [...others, root!];
}

function coverageTable(paths: MachinePath[], { transitions, guards, states, deadlines }: Coverage): string {
  const row = (name: string, { all, missing }: Cover): string[] => [
    name,
    String(all.length - missing.length),
    String(all.length),
    `${Math.floor((100 * (all.length - missing.length)) / all.length)} %`,
  ];
  return `${paths.length} generated paths, each gone step by step with the rules of \`test/model/invariants.ts\` checked after it, take:

${table(
  ['', 'covered', 'of', ''],
  [
    row('transitions, each guarded alternative counted', transitions),
    row('answers of guards, yes and no', guards),
    row('states', states),
    row('states with a deadline or a retry of their own, left when it is due', deadlines),
  ],
)}`;
}
