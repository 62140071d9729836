import type { Chart, ChartTransition } from './read-chart.ts';

/**
 * The transitions that are open from a state, in the order in which the machine asks them: those of the state first, then those of the
 * states around it. After a transition without a guard, the machine asks no further one for the same event.
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
