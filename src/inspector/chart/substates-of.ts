import { readChart } from './read-chart.ts';

const { states } = readChart();

/** The names of what can be met below a top-level state; nothing that is only passed through. */
export function substatesOf(state: string): string[] {
  return states.filter((each) => each.parent === state && !each.passing).map((each) => each.name);
}
