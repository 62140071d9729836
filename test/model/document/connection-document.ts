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
    `# Which states are there, and which event leads where?

<!-- Made by \`npm run generate:docs\` from machines/connection; do not edit. A test fails when it is stale. -->

This is the machine of one tenant's connection, version ${MACHINE_VERSION}. The [glossary](glossary.md) explains each name.

To find what an event leads to, look into the table of the state, then of the state around it, then into the table for every state. An event
that is in none of them changes nothing.`,
    `## What the tests cover

${coverageTable(paths, coverage)}`,
    '## Charts',
    ...chartsOf(connectionMachine).map(({ title, chart }) => `### ${title}\n\n\`\`\`mermaid\n${chart}\n\`\`\``),
    '## State × event',
    ...inOrder(transitionTables(connectionMachine)).map(({ title, table: rows }) => `### ${title}\n\n${rows}`),
    `## Late events

Each step has a number, the generation. The step's effects and timers carry it, so the machine knows if an answer is late.

${fenceTable()}`,
    `## Timers

A timer is a row with the time when it is due. The table shows the shortest and the longest delay in all generated paths. Most delays vary by ±20 %.

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
  return `A test walks ${paths.length} generated paths and checks the rules of \`test/model/invariants.ts\` after each step. The paths cover:

${table(
  ['', 'covered', 'of', ''],
  [
    row('transitions, counting each guarded alternative', transitions),
    row('guards, with the answers yes and no', guards),
    row('states', states),
    row('states with a deadline or a retry, left when it is due', deadlines),
  ],
)}`;
}
