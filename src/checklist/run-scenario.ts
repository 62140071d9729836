import type { Check, Outcome } from './report.ts';

export type Note = (what: string, passed: boolean, detail: string) => void;

/** Runs one scenario to its end, or to the first failure after which going on makes no sense. */
export async function runScenario(
  scenario: string,
  say: (text: string) => void,
  run: (note: Note) => Promise<void>,
): Promise<Outcome> {
  const checks: Check[] = [];
  say(`${scenario} …\n`);
  const note: Note = (what, passed, detail) => {
    checks.push({ what, passed, detail });
  };
  try {
    await run(note);
    return { scenario, checks, error: null };
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    return { scenario, checks, error: message };
  }
}
