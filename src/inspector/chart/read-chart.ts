import { connectionMachine, guardName } from '../../../machines/connection/index.ts';

export interface ChartState {
  /** Dotted, as in history rows: `authorizing.awaitingConsent`. */
  path: string;
  name: string;
  parent: string | null;
  /** True if the state is passed through at once, so that no tenant is ever in it. */
  passing: boolean;
  compound: boolean;
}

export interface ChartTransition {
  source: string;
  /** Null: the state stays and only the context changes. */
  target: string | null;
  /** `always` for the transitions of a state that is only passed through. */
  event: string;
  guard: string | null;
}

export interface Chart {
  states: ChartState[];
  transitions: ChartTransition[];
}

/** The part of XState's state nodes that is read here. XState's own types belong to one machine. */
interface Node {
  path: string[];
  key: string;
  parent?: Node;
  states: Record<string, Node>;
  transitions: Map<string, Definition[]>;
  always?: Definition[];
}
interface Definition {
  target?: readonly Node[] | undefined;
  guard?: unknown;
}

/** Reads states and transitions from the machine's own definition, so the chart shows what really runs. The root has the path ''. */
export function readChart(root: Node = connectionMachine.root as unknown as Node): Chart {
  const nodes = walk(root);
  const states = nodes
    .filter((node) => node !== root)
    .map((node): ChartState => ({
      path: pathOf(node),
      name: node.key,
      parent: node.parent === undefined || node.parent === root ? null : pathOf(node.parent),
      passing: isUnguarded((node.always ?? []).at(-1)),
      compound: Object.keys(node.states).length > 0,
    }));
  return { states, transitions: nodes.flatMap(transitionsOf) };
}

const walk = (node: Node): Node[] => [node, ...Object.values(node.states).flatMap(walk)];
const pathOf = (node: Node): string => node.path.join('.');
const isUnguarded = (definition: Definition | undefined): boolean =>
  definition !== undefined && definition.guard === undefined;

function transitionsOf(node: Node): ChartTransition[] {
  const named: [string, Definition][] = [...node.transitions].flatMap(([event, all]) =>
    all.map((one): [string, Definition] => [event, one]),
  );
  return [...named, ...(node.always ?? []).map((one): [string, Definition] => ['always', one])].map(
    ([event, { target, guard }]) => ({
      source: pathOf(node),
      target: target?.[0] === undefined ? null : pathOf(target[0]),
      event,
      guard: guardName(guard),
    }),
  );
}
