import { statePath } from '../../src/connection/dispatch/snapshot.ts';
import { pathWalker, shortestPaths, type MachinePath } from './paths.ts';
import { traceMachine } from './traced-machine.ts';
import { statesOf, transitionsOf } from './transitions-of.ts';

export interface Cover {
  all: string[];
  missing: string[];
}

/** What the generated paths take, of all that the machine's own definition has. */
export interface Coverage {
  transitions: Cover;
  guards: Cover;
  states: Cover;
  /** States with a timer of their own (deadline, retry, recheck): each is left when that is due. */
  deadlines: Cover;
}

const TIMERS_OF_STATES = ['deadline', 'retry', 'recheck'];

/** Goes through the whole machine once. A few seconds. */
export function explore(): { paths: MachinePath[]; coverage: Coverage } {
  const traced = traceMachine();
  const paths = shortestPaths(traced);
  const transitions = transitionsOf(traced.machine);
  const taken = new Set(paths.flatMap((path) => path.last.transitions));
  const sources = transitions.filter(({ key }) => taken.has(key)).map(({ source }) => source);
  const leaves = statesOf(traced.machine)
    .filter((node) => Object.keys(node.states).length === 0)
    .map((node) => node.path.join('.'));
  const possibleAnswers = Object.keys(traced.machine.implementations.guards).flatMap((name) => [
    `${name} true`,
    `${name} false`,
  ]);
  return {
    paths,
    coverage: {
      transitions: cover(
        transitions.map(({ key }) => key),
        taken,
      ),
      guards: cover(possibleAnswers, traced.answers),
      states: cover(leaves, new Set([...sources, ...paths.map((path) => path.last.to)])),
      deadlines: deadlinesOf(paths),
    },
  };
}

function deadlinesOf(paths: MachinePath[]): Cover {
  const lastStep = pathWalker();
  const all = new Set<string>();
  const passed = new Set<string>();
  for (const { events } of paths) {
    const { before, event, after } = lastStep(events);
    const from = statePath(before.snapshot.value);
    for (const name of TIMERS_OF_STATES) {
      const timer = before.timers.get(name);
      if (timer === undefined) continue;
      all.add(from);
      const isOfThisEntry = !(
        'generation' in event &&
        'generation' in timer.event &&
        event.generation !== timer.event.generation
      );
      const isDue = timer.event.type === event.type && isOfThisEntry;
      if (isDue && statePath(after.snapshot.value) !== from) passed.add(from);
    }
  }
  return cover([...all], passed);
}

function cover(all: string[], covered: ReadonlySet<string>): Cover {
  return { all, missing: all.filter((each) => !covered.has(each)) };
}
