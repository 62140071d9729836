import type { ConnectionEvent } from '../../machines/connection/index.ts';
import { statePath } from '../../src/connection/dispatch/snapshot.ts';
import { createConnectionModel } from './connection-model.ts';
import { startPosition, takeStep, type Position, type Step } from './take-step.ts';
import type { TracedMachine } from './traced-machine.ts';

/** A way through the machine, told and to be gone. */
export interface MachinePath {
  /** `connect → consent granted → token issued`. */
  sentence: string;
  events: ConnectionEvent[];
  /** What the last event did. */
  last: { from: string; to: string; transitions: string[] };
}

/** The shortest way to every state that differs in what guards read, by every transition that leads to it. */
export function shortestPaths(traced: TracedMachine): MachinePath[] {
  const { model, says } = createConnectionModel(traced);
  const lastStep = walker({ snapshot: traced.start() }, ({ snapshot }, event) => {
    const { after, taken } = traced.step(snapshot, event);
    return { before: { snapshot }, after: { snapshot: after }, taken };
  });
  return model.getShortestPaths({ allowDuplicatePaths: true }).flatMap(({ steps: [, ...steps] }) => {
    if (steps.length === 0) return [];
    const events = steps.map((step) => step.event);
    // Gone again: of states that are alike the model shows any, with other generations than those that the events carry.
    const { before, after, taken } = lastStep(events);
    const last = { from: statePath(before.snapshot.value), to: statePath(after.snapshot.value), transitions: taken };
    return [{ sentence: events.map(says).join(' → '), events, last }];
  });
}

/** Goes paths with the machine as it is in production. */
export const pathWalker = () => walker<Position, Step>(startPosition(), takeStep);

/** The last step of a path; what several paths have in common is gone once. */
function walker<At, Gone extends { after: At }>(start: At, go: (at: At, event: ConnectionEvent) => Gone) {
  const known = new Map<ConnectionEvent, Gone>();
  return function lastStep(events: readonly ConnectionEvent[]): Gone {
    const event = events.at(-1)!;
    const gone = known.get(event) ?? go(events.length === 1 ? start : lastStep(events.slice(0, -1)).after, event);
    known.set(event, gone);
    return gone;
  };
}
