import {
  connectionMachine,
  waitingStates,
  type ConnectionEvent,
  type Effect,
} from '../../../machines/connection/index.ts';
import { readActions } from '../../../src/connection/dispatch/read-actions.ts';
import { statePath, toStored, type ConnectionSnapshot } from '../../../src/connection/dispatch/snapshot.ts';
import { transition } from 'xstate';
import { casesAt } from '../../model/event-catalogue.ts';
import { momentOf } from '../../model/moment.ts';
import { traceMachine } from '../../model/traced-machine.ts';
import { transitionsOf } from '../../model/transitions-of.ts';
import { causeOf, type Cause } from './causes.ts';

export interface PathStep {
  says: string;
  cause: Cause;
  event: ConnectionEvent;
  /** Where the model is afterwards. */
  to: string;
}

export interface ServicePath {
  sentence: string;
  steps: PathStep[];
  taken: string[];
}

interface Node {
  snapshot: ConnectionSnapshot;
  /** Asked for and not answered. */
  pending: Effect[];
  timers: ReadonlySet<string>;
  /** The live webhook was deleted behind our back: from here on nobody finds it. */
  isGone: boolean;
  /** Calendly refused the access token: until there is a new one, no call is made with it. */
  isTokenRefused: boolean;
  steps: PathStep[];
  taken: string[];
}

const NEEDS_THE_WEBHOOK = new Set([
  'listing shows the live one',
  'listing shows the live one disabled',
  'subscription found disabled',
]);
const TOKEN_REFUSED = 'token refused (401)';
const CALLS_WITH_THE_TOKEN = new Set<string>(['identifyAccount', 'listSubscriptions', 'createSubscription']);
const BRINGS_A_TOKEN = new Set<string>(['token.issued', 'token.refreshed', 'grant.recovered']);
const MOST_STEPS = 14;
const MOST_NODES = 4_000;

/**
 * Breadth first over all that the world can bring about: the shortest way to each transition of the machine, and of these ways
 * only as many as it takes to go all those transitions.
 */
export function findPaths(): { paths: ServicePath[]; reached: number; all: number } {
  const traced = traceMachine();
  const ways = new Map<string, Node>();
  const known = new Set<string>();
  const queue: Node[] = [
    {
      snapshot: traced.start(),
      pending: [],
      timers: new Set(),
      isGone: false,
      isTokenRefused: false,
      steps: [],
      taken: [],
    },
  ];
  for (let at = 0; at < queue.length && at < MOST_NODES; at++) {
    const node = queue[at]!;
    if (node.steps.length >= MOST_STEPS) continue;
    for (const next of stepsFrom(traced, node)) {
      const fresh = next.taken.slice(node.taken.length).filter((key) => !ways.has(key));
      for (const key of fresh) ways.set(key, next);
      const key = keyOf(next);
      if (known.has(key)) continue;
      known.add(key);
      queue.push(next);
    }
  }
  return { paths: fewest(ways), reached: ways.size, all: transitionsOf(traced.machine).length };
}

function stepsFrom(traced: ReturnType<typeof traceMachine>, node: Node): Node[] {
  const state = statePath(node.snapshot.value);
  const types = new Set(node.snapshot._nodes.flatMap((each) => each.ownEvents as string[]));
  return casesAt(momentOf(node.snapshot.context), types).flatMap(({ says, stray, stamped }) => {
    const cause = stray ? undefined : causeOf(says, state);
    if (node.isGone && NEEDS_THE_WEBHOOK.has(says)) return [];
    if (says.endsWith('(grant) postponed') && isShared(node)) return [];
    if (
      node.isTokenRefused &&
      cause?.by === 'answer' &&
      CALLS_WITH_THE_TOKEN.has(cause.effect) &&
      says !== TOKEN_REFUSED
    )
      return [];
    if (cause === undefined || !canBeCaused(node, cause, stamped)) return [];
    const { after, taken } = traced.step(node.snapshot, stamped);
    // What changes nothing is refused, and has no place on a way.
    if (taken.length === 0 || (after !== node.snapshot && isSame(node.snapshot, after, stamped))) return [];
    const { effects, timers } = readActions(transition(connectionMachine, node.snapshot, stamped)[1]);
    const pending = cause.by === 'answer' ? node.pending.filter(({ type }) => type !== cause.effect) : node.pending;
    const left = new Set(node.timers);
    if (cause.by === 'timer') left.delete(timerOf(cause, stamped));
    for (const [name, timer] of timers)
      if (timer === null) left.delete(name);
      else left.add(name);
    const isGone =
      says === 'subscription created'
        ? false
        : node.isGone || (says === 'listing shows nothing' && node.snapshot.context.subscription !== null);
    const isTokenRefused = says === TOKEN_REFUSED || (node.isTokenRefused && !BRINGS_A_TOKEN.has(stamped.type));
    const step = { says, cause, event: stamped, to: statePath(after.value) };
    return [
      {
        snapshot: after,
        pending: [...pending, ...effects],
        timers: left,
        isGone,
        isTokenRefused,
        steps: [...node.steps, step],
        taken: [...node.taken, ...taken],
      },
    ];
  });
}

/** Imported tokens that nothing was made of are wiped without a call, which so cannot fail. */
function isShared({ steps }: Node): boolean {
  const last = steps.findLastIndex(({ says }) => says.startsWith('import'));
  return last >= 0 && !steps.slice(last).some(({ says }) => /account identified|token refreshed/.test(says));
}

function isSame(before: ConnectionSnapshot, after: ConnectionSnapshot, event: ConnectionEvent): boolean {
  return (
    JSON.stringify(toStored(before)) === JSON.stringify(toStored(after)) &&
    transition(connectionMachine, before, event)[1].length === 0
  );
}

/** An answer has to have its effect, one that is in nobody's way; a timer has to be set. */
function canBeCaused(
  { pending, timers, snapshot: { context, value } }: Node,
  cause: Cause,
  event: ConnectionEvent,
): boolean {
  if (cause.by === 'timer') return timers.has(timerOf(cause, event));
  if (cause.by !== 'answer') return true;
  const asked = pending.filter(({ type }) => type === cause.effect);
  const [effect] = asked;
  if (effect === undefined || asked.length > 1) return false;
  // A step that is over is not begun any more.
  const generation = 'generation' in effect.params && cause.effect !== 'refreshToken' ? effect.params.generation : null;
  if (generation !== null && (generation !== context.generation || !waitingStates.has(statePath(value)))) return false;
  return !('debtId' in event) || ('debtId' in effect.params && effect.params.debtId === event.debtId);
}

const timerOf = (cause: Extract<Cause, { by: 'timer' }>, event: ConnectionEvent): string =>
  cause.name === 'debt' && 'debtId' in event ? `debt:${event.debtId}` : cause.name;

/** What decides where one can go from here: states that are alike are gone on from once. */
function keyOf({ snapshot: { value, context }, pending, timers, isGone, isTokenRefused }: Node): string {
  const {
    grant,
    candidate,
    importing,
    attempt,
    draft,
    subscription,
    origin,
    routine,
    renewed,
    upkeep,
    debts,
    creates,
    problem,
    backfill,
  } = context;
  return JSON.stringify([
    statePath(value),
    isGone,
    isTokenRefused,
    grant && [grant.lost, grant.accountUri],
    candidate !== null,
    importing !== null,
    attempt?.switchAccount,
    draft?.conflicted,
    subscription !== null,
    origin,
    routine,
    renewed,
    upkeep,
    debts.map(({ kind, status }) => [kind, status]),
    creates,
    problem?.code === 'scope_missing',
    backfill.state,
    pending.map(({ type }) => type).toSorted(),
    [...timers].map((name) => name.split(':')[0]).toSorted(),
  ]);
}

/** Longest first: what lies on the way to something else needs no way of its own. */
function fewest(ways: Map<string, Node>): ServicePath[] {
  const gone = new Set<string>();
  const paths: ServicePath[] = [];
  for (const [key, { steps, taken }] of [...ways].toSorted(([, a], [, b]) => b.steps.length - a.steps.length)) {
    if (gone.has(key)) continue;
    for (const each of taken) gone.add(each);
    paths.push({ sentence: steps.map(({ says }) => says).join(' → '), steps, taken });
  }
  return paths;
}
