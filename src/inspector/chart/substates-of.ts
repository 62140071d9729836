import { readChart } from './read-chart.ts';

const { states } = readChart();

/** The sub-states of a top-level state that a tenant can be in. */
export function substatesOf(state: string): string[] {
  return states.filter((each) => each.parent === state && !each.passing).map((each) => each.name);
}
