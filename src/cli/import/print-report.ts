import type { ImportReport, LineOutcome } from './run-import.ts';
import { MOST_LISTED } from './run-import.ts';

/** A table of outcomes, and every line after which something is left to do. */
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

/** Nobody knows how long the file is before its end: what is done is shown, and how fast it goes. */
export function progressLine(done: number, startedAt: number, now: number): string {
  const perMinute = Math.round((done / Math.max(1, now - startedAt)) * 60_000);
  return `${done} tenants, ${perMinute} a minute`;
}
