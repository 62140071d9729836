import type { ImportReport, LineOutcome } from './run-import.ts';
import { MOST_LISTED } from './run-import.ts';

/** Prints a table of outcomes, and every line for which something is left to do. */
export function printReport({ counts, open, brokenOff }: ImportReport): string {
  const rows = Object.entries(counts).sort(([, a], [, b]) => b - a);
  const width = Math.max(0, ...rows.map(([name]) => name.length));
  return [
    ...rows.map(([name, count]) => `${name.padEnd(width)}  ${String(count).padStart(7)}`),
    ...(rows.length === 0 ? ['Nothing to import.'] : []),
    ...(open.length === 0 ? [] : ['', ...open.map(printLine)]),
    ...(open.length === MOST_LISTED ? [`Only the first ${MOST_LISTED} are listed.`] : []),
    ...(brokenOff === null ? [] : ['', `The rest of the file was not read: ${brokenOff}`]),
    '',
  ].join('\n');
}

const printLine = ({ line, tenantId, outcome, says }: LineOutcome): string =>
  `line ${line}  ${tenantId ?? '(no tenant)'}  ${outcome}: ${says}`;
