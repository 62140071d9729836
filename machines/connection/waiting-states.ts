import { connectionMachine } from './machine.ts';

interface Node {
  path: string[];
  tags: string[];
  states: Record<string, Node>;
}

/** Dotted paths of every state tagged `waiting`: something is under way there, and a deadline ends it. */
export const waitingStates: ReadonlySet<string> = new Set(
  walk(connectionMachine.root as unknown as Node)
    .filter((node) => node.tags.includes('waiting'))
    .map((node) => node.path.join('.')),
);

function walk(node: Node): Node[] {
  return [node, ...Object.values(node.states).flatMap(walk)];
}
