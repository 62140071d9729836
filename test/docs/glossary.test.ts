import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { initialTransition, transition } from 'xstate';
import { describe, expect, test } from 'vitest';
import { connectionMachine, effectParams, type ConnectionEvent } from '../../machines/connection/index.ts';
import { readActions } from '../../src/connection/dispatch/read-actions.ts';
import { HOST_EVENT_TYPES } from '../../src/host-events/host-event.ts';
import { PROJECT } from '../support/guards/source-files.ts';

interface Node {
  path: string[];
  states: Record<string, Node>;
  entry: readonly unknown[];
  exit: readonly unknown[];
  transitions: Map<string, { actions: readonly unknown[] }[]>;
  always?: { actions: readonly unknown[] }[];
}

const text = (path: string) => readFileSync(join(PROJECT, path), 'utf8');
const walk = (node: Node): Node[] => [node, ...Object.values(node.states).flatMap(walk)];
const nodes = walk(connectionMachine.root as unknown as Node);

/** Timers that definitions raise, and those that a decision names: a debt's, as one that was postponed gets. */
function timerNames(): string[] {
  const actions = nodes.flatMap(({ entry, exit, transitions, always = [] }) => [
    ...entry,
    ...exit,
    ...[...transitions.values()]
      .flat()
      .concat(always)
      .flatMap((each) => each.actions),
  ]) as { type?: string; id?: string }[];
  const raised = actions.filter((action) => action?.type === 'xstate.raise').map((action) => action.id!);
  return [...new Set([...raised, ...timersOfADebt()])];
}

function timersOfADebt(): string[] {
  const stamp = { at: '2026-01-01T00:00:00.000Z', id: '00000000-0000-4000-8000-000000000001' };
  const failure = {
    kind: 'transient',
    code: 'x',
    message: 'x',
    exchangeId: null,
    certain: true,
    retryAfterSeconds: 0,
  } as const;
  const events: ConnectionEvent[] = [
    { ...stamp, type: 'token.orphaned', grantId: stamp.id, accountUri: null },
    { ...stamp, type: 'debt.postponed', debtId: `grant:${stamp.id}`, failure },
  ];
  let [snapshot] = initialTransition(connectionMachine, { tenantId: 'acme' });
  const names: string[] = [];
  for (const event of events) {
    const [next, actions] = transition(connectionMachine, snapshot, event);
    names.push(...readActions(actions).timers.keys());
    snapshot = next;
  }
  return names.map((name) => name.replace(`grant:${stamp.id}`, '<debt>'));
}

/** The words of a union of string literals: what follows `start`, up to `end`. */
function unionIn(path: string, start: string, end = ';'): string[] {
  const source = text(path);
  const from = source.indexOf(start);
  expect(from, `${start} in ${path}`).toBeGreaterThan(-1);
  return [...source.slice(from + start.length, source.indexOf(end, from)).matchAll(/'([^']+)'/g)].map(
    (match) => match[1]!,
  );
}

const refusals = [
  ...unionIn('src/calendly/signature.ts', 'export type SignatureRefusal ='),
  ...unionIn('src/deliveries/verdict.ts', 'export type Refusal ='),
];
const NAMES: Record<string, string[]> = {
  States: nodes.map(({ path }) => path.join('.')).filter((path) => path !== ''),
  Events: connectionMachine.events,
  Effects: Object.keys(effectParams),
  Timers: timerNames(),
  'Statuses of a debt': [...unionIn('machines/connection/context.ts', '  status: '), 'settled'],
  'Statuses of a grant': unionIn('migrations/0001_connections.ts', "sql`status in ('candidate'", ')').concat(
    'candidate',
  ),
  'Statuses of a subscription': unionIn('migrations/0001_connections.ts', "sql`status in ('creating'", ')').concat(
    'creating',
  ),
  'Verdicts on a delivery': [
    ...unionIn('src/deliveries/verdict.ts', 'export type Verdict =', '| `'),
    ...refusals.map((refusal) => `refused:${refusal}`),
  ],
  'Reasons of a back-fill': unionIn('machines/connection/context.ts', '    reason: '),
  'Events to the host': [...HOST_EVENT_TYPES],
};

/** Rows of the table below each heading: name and meaning. */
const sections = new Map(
  text('docs/glossary.md')
    .split(/^## /m)
    .slice(1)
    .map((section) => {
      const heading = section.slice(0, section.indexOf('\n'));
      return [
        heading,
        [...section.matchAll(/^\| `([^`]+)` \| (.+) \|$/gm)].map((match) => ({ name: match[1]!, meaning: match[2]! })),
      ];
    }),
);

describe.each(Object.entries(NAMES))("the glossary's %s", (heading, names) => {
  const rows = sections.get(heading) ?? [];

  test('are all that there are, each once', () => {
    expect(names.length).toBeGreaterThan(1);
    expect(rows.map(({ name }) => name).sort()).toEqual([...new Set(names)].sort());
  });

  test('have a sentence each', () => {
    expect(rows.filter(({ meaning }) => !/^(?:⏳ )?[A-Z].{8,}\.$/.test(meaning))).toEqual([]);
  });
});

test('the glossary marks the states that wait, and no others', () => {
  const marked = (sections.get('States') ?? [])
    .filter(({ meaning }) => meaning.startsWith('⏳'))
    .map(({ name }) => name);
  const waiting = nodes
    .filter((node) => (node as unknown as { tags: string[] }).tags.includes('waiting'))
    .map(({ path }) => path.join('.'));
  expect(marked).toEqual(waiting);
});
