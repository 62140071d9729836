import { createActor, type AnyActorScope, type AnyTransitionDefinition } from 'xstate';
import { connectionMachine, type ConnectionEvent } from '../../machines/connection/index.ts';
import type { ConnectionSnapshot } from '../../src/connection/dispatch/snapshot.ts';
import { keyOf, transitionsOf } from './transitions-of.ts';

export interface TracedMachine {
  machine: typeof connectionMachine;
  /** Answers that guards gave so far: `isCurrent true`, `isCurrent false`… */
  answers: ReadonlySet<string>;
  start(): ConnectionSnapshot;
  /** `taken`: keys of the transitions that this event takes, in their order: one, those without event that follow, or none. */
  step(snapshot: ConnectionSnapshot, event: ConnectionEvent): { after: ConnectionSnapshot; taken: string[] };
}

/** The machine with watched guards, and with the transitions that led to each of its snapshots. */
export function traceMachine(): TracedMachine {
  const answers = new Set<string>();
  const machine = connectionMachine.provide({ guards: watched(connectionMachine.implementations.guards, answers) });
  transitionsOf(machine);

  // XState tells which transitions it took in inspection events alone; an actor that is never started can be inspected.
  let taking: AnyTransitionDefinition[] = [];
  const actor = createActor(machine, { input: { tenantId: 'traced' } });
  actor.system.inspect((inspection) => {
    if (inspection.type === '@xstate.microstep') taking.push(...inspection._transitions);
  });
  const nothing = (): void => {};
  const scope: AnyActorScope = {
    self: actor,
    system: actor.system,
    id: '',
    sessionId: '',
    logger: nothing,
    defer: nothing,
    stopChild: nothing,
    emit: nothing,
    actionExecutor: nothing,
  };

  return {
    machine,
    answers,
    start: () => machine.getInitialSnapshot(scope, { tenantId: 'tenant-1' }),
    step(snapshot, event) {
      taking = [];
      const after = machine.transition(snapshot, event, scope);
      return { after, taken: taking.map(keyOf) };
    },
  };
}

type Guards = typeof connectionMachine.implementations.guards;

function watched(guards: Guards, seen: Set<string>): Guards {
  return Object.fromEntries(
    Object.entries(guards).map(([name, guard]) => [
      name,
      (...args: unknown[]) => {
        const answer = (guard as (...args: unknown[]) => boolean)(...args);
        seen.add(`${name} ${answer}`);
        return answer;
      },
    ]),
  ) as unknown as Guards;
}
