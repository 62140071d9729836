export interface Check {
  what: string;
  passed: boolean;
  detail: string;
}

export interface Outcome {
  scenario: string;
  checks: Check[];
  /** Why the scenario could not go on; null if it could. */
  error: string | null;
}

export type Figures = [name: string, value: string][];

export const hasPassed = ({ checks, error }: Outcome): boolean =>
  error === null && checks.every(({ passed }) => passed);

/** Prints a table for a person: each scenario's result, below it a line per check, and the figures at the end. */
export function printReport(title: string, outcomes: readonly Outcome[], figures: Figures): string {
  const width =
    Math.max(
      ...outcomes.flatMap(({ checks }) => checks.map(({ what }) => what.length)),
      ...figures.map(([name]) => name.length),
    ) + 2;
  const lines = outcomes.flatMap((outcome) => [
    '',
    ` ${hasPassed(outcome) ? 'passed' : 'FAILED'}   ${outcome.scenario}`,
    ...outcome.checks.map(
      ({ what, passed, detail }) => `   ${passed ? '  ok  ' : 'FAILED'} ${what.padEnd(width)} ${detail}`,
    ),
    ...(outcome.error === null ? [] : [`   FAILED ${outcome.error}`]),
  ]);
  const failed = outcomes.filter((outcome) => !hasPassed(outcome)).map(({ scenario }) => scenario);
  const verdict = failed.length === 0 ? `All ${outcomes.length} scenarios passed.` : `Failed: ${failed.join(' · ')}`;
  return [
    `Checklist against ${title}`,
    ...lines,
    '',
    ' figures',
    ...figures.map(([name, value]) => `          ${name.padEnd(width)} ${value}`),
    '',
    verdict,
    '',
  ].join('\n');
}
