import type { AnyStateMachine, AnyStateNode } from 'xstate';
import { statesOf, transitionsOf, type MachineTransition } from '../transitions-of.ts';

type Edge = { from: string; to: string; label: string };
const ANY_STATE = '(any state)';

/** One Mermaid chart of the six states, and one for the inside of each. */
export function chartsOf(machine: AnyStateMachine): { title: string; chart: string }[] {
  const edges = transitionsOf(machine).filter(({ target }) => target !== null);
  const tops = Object.values(machine.root.states);
  return [
    { title: 'All six', chart: overview(machine, tops, edges) },
    ...tops.map((top) => ({ title: `\`${top.key}\``, chart: inside(machine, top, edges) })),
  ];
}

function overview(machine: AnyStateMachine, tops: AnyStateNode[], transitions: MachineTransition[]): string {
  const edges = transitions
    .map(({ source, target, event }) => ({ from: topOf(source), to: topOf(target!), label: nameOf(event) }))
    .filter(({ from, to }) => from !== to);
  return draw(
    [`[*] --> ${machine.root.initial.target[0]!.key}`, ...tops.map((top) => `state "${top.key}" as ${idOf(top.key)}`)],
    edges,
  );
}

/** The state with what is nested in it, and where its transitions come from and lead to. */
function inside(machine: AnyStateMachine, top: AnyStateNode, transitions: MachineTransition[]): string {
  const isHere = (path: string): boolean => topOf(path) === top.key;
  const leaves = statesOf(machine).filter((node) => node.path.length > 1 && isHere(node.path.join('.')));
  const initial = top.initial.target[0]!.path.join('.');
  const edges = transitions
    .filter(({ source }) => isHere(source))
    .map(({ source, target, event, guard }) => ({
      from: source,
      to: isHere(target!) ? target! : `to ${target}`,
      label: `${nameOf(event)}${guard === null ? '' : ` [${guard}]`}`,
    }));
  return draw(
    [
      `state "${top.key}" as ${idOf(top.key)} {`,
      `  [*] --> ${idOf(initial)}`,
      ...leaves.map((leaf) => `  state "${leaf.key}" as ${idOf(leaf.path.join('.'))}`),
      '}',
    ],
    edges,
  );
}

/** Edges with the same ends are one arrow with several lines. */
function draw(declarations: string[], edges: Edge[]): string {
  const arrows = Map.groupBy(edges, ({ from, to }) => `${idOf(from)} --> ${idOf(to)}`);
  const outside = new Set(
    edges.flatMap(({ from, to }) => [from, to]).filter((path) => path.startsWith('to ') || path === ANY_STATE),
  );
  return [
    'stateDiagram-v2',
    ...declarations,
    ...[...outside].map((path) => `state "${path.replace('to ', '')}" as ${idOf(path)}`),
    ...[...arrows].map(([arrow, alike]) => `${arrow} : ${[...new Set(alike.map(({ label }) => label))].join('<br/>')}`),
  ]
    .map((line, index) => (index === 0 ? line : `  ${line}`))
    .join('\n');
}

const nameOf = (event: string): string => (event === 'always' ? 'at once' : event);
const topOf = (path: string): string => path.split('.')[0] || ANY_STATE;
const idOf = (path: string): string => path.replaceAll(/\W+/g, '_').replace(/^_|_$/g, '');
