import { openTransitions } from './open-transitions.ts';
import type { Chart } from './read-chart.ts';

/** Events that lead to the same state from nearly every other one. Drawn singly, each would be an arrow from all over the chart. */
export interface Everywhere {
  target: string;
  events: string[];
  /** The states that at least one of them is open from. */
  from: string[];
}

/** Of the states that a tenant is found in. */
const NEARLY_ALL = 0.6;

export function everywhere(chart: Chart): Everywhere[] {
  const leaves = chart.states.filter(({ compound }) => !compound);
  const found = leaves.filter(({ passing }) => !passing);
  const open = new Map(leaves.map(({ path }) => [path, openTransitions(chart, path)]));
  const isOpen = (path: string, target: string, event: string) =>
    open.get(path)!.some((way) => way.target === target && way.event === event);
  return chart.states.flatMap(({ path: target }) => {
    const events = [
      ...new Set(chart.transitions.filter((way) => way.target === target).map(({ event }) => event)),
    ].filter((event) => found.filter(({ path }) => isOpen(path, target, event)).length >= found.length * NEARLY_ALL);
    const from = leaves.map(({ path }) => path).filter((path) => events.some((event) => isOpen(path, target, event)));
    return events.length === 0 ? [] : [{ target, events, from }];
  });
}

export const holdsEverywhere = (all: readonly Everywhere[], target: string | null, event: string): boolean =>
  all.some((each) => each.target === target && each.events.includes(event));
