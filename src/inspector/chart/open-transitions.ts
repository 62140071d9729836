import type { Chart, ChartTransition } from './read-chart.ts';

/**
 * The transitions that are open from a state, in the order in which the machine asks: the state itself first, then what
 * contains it. A branch without a guard ends the search for its event; what an outer state says about it is never asked.
 */
export function openTransitions({ transitions }: Chart, state: string): ChartTransition[] {
  const taken = new Set<string>();
  const open: ChartTransition[] = [];
  for (const source of [...ancestorsOf(state)]) {
    const here = transitions.filter((each) => each.source === source && !taken.has(each.event));
    open.push(...here);
    for (const { event, guard } of here) if (guard === null) taken.add(event);
  }
  return open;
}

/** `a.b` → `a.b`, `a`, '' (the machine itself). */
export function ancestorsOf(state: string): string[] {
  const parts = state.split('.');
  return [...parts.map((_, index) => parts.slice(0, parts.length - index).join('.')), ''];
}
