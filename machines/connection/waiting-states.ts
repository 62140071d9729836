import { connectionMachine } from './machine.ts';

interface Node {
  path: string[];
  tags: string[];
  states: Record<string, Node>;
}

const nodes = walk(connectionMachine.root as unknown as Node);

/** Dotted paths of all states that a connection can stand in. */
export const stateNames: readonly string[] = nodes
  .filter((node) => Object.keys(node.states).length === 0)
  .map((node) => node.path.join('.'));

/** Dotted paths of every state tagged `waiting`: something is under way there, and a deadline ends it. */
export const waitingStates: ReadonlySet<string> = new Set(
  nodes.filter((node) => node.tags.includes('waiting')).map((node) => node.path.join('.')),
);

function walk(node: Node): Node[] {
  return [node, ...Object.values(node.states).flatMap(walk)];
}
