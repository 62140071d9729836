import { guardName } from '../../machines/connection/index.ts';
import type { AnyStateMachine, AnyStateNode, AnyTransitionDefinition } from 'xstate';

/** One arrow of the machine's own definition; of several guarded ones for an event, each is its own. */
export interface MachineTransition {
  /** Tells it from all others: source, event and place among the alternatives. */
  key: string;
  /** Dotted path of the source; empty for the root, whose transitions hold in every state. */
  source: string;
  /** `always` for one that is taken without an event. */
  event: string;
  guard: string | null;
  /** Dotted path of where it goes; null when it changes data only. */
  target: string | null;
  reenter: boolean;
  actions: string[];
}

const keys = new WeakMap<AnyTransitionDefinition, string>();

/** All states of the machine, parents before children. */
export function statesOf(machine: AnyStateMachine): AnyStateNode[] {
  const walk = (node: AnyStateNode): AnyStateNode[] => [node, ...Object.values(node.states).flatMap(walk)];
  return walk(machine.root);
}

/** Paths of the states that a connection can be found in: those without parts that are not only passed through. */
export function restingStatesOf(machine: AnyStateMachine): string[] {
  const isPassedAtOnce = ({ always }: AnyStateNode): boolean =>
    always?.some(({ guard }) => guard === undefined) ?? false;
  return statesOf(machine)
    .filter((node) => Object.keys(node.states).length === 0 && !isPassedAtOnce(node))
    .map((node) => node.path.join('.'));
}

/** All transitions of the machine, with every guarded alternative, in the order of the definition. */
export function transitionsOf(machine: AnyStateMachine): MachineTransition[] {
  return statesOf(machine).flatMap((node) =>
    [...node.transitions.values(), node.always ?? []].flatMap((alternatives) =>
      alternatives.map((transition: AnyTransitionDefinition, index: number) => read(transition, index)),
    ),
  );
}

/** The key of a transition that was taken; it must come from a machine that `transitionsOf` has read. */
export function keyOf(transition: AnyTransitionDefinition): string {
  const key = keys.get(transition);
  if (key === undefined) throw new Error(`A transition on ${transition.eventType} is not in the machine's definition`);
  return key;
}

function read(transition: AnyTransitionDefinition, index: number): MachineTransition {
  const source = transition.source.path.join('.');
  const event = transition.eventType || 'always';
  const guard = guardName(transition.guard);
  const key = `${source || '(any state)'} · ${event} #${index + 1}${guard === null ? '' : ` [${guard}]`}`;
  keys.set(transition, key);
  return {
    key,
    source,
    event,
    guard,
    target: transition.target?.[0]?.path.join('.') ?? null,
    reenter: transition.reenter,
    actions: transition.actions.map(nameOf).filter((name) => name !== null),
  };
}

function nameOf(part: unknown): string | null {
  if (typeof part === 'string') return part;
  return part !== null && typeof part === 'object' && 'type' in part && typeof part.type === 'string'
    ? part.type
    : null;
}
