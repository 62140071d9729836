import { initialTransition, transition } from 'xstate';
import { connectionMachine, type ConnectionEvent, type TimerEvent } from '../../machines/connection/index.ts';
import { readActions, type Outgoing } from '../../src/connection/dispatch/read-actions.ts';
import type { ConnectionSnapshot } from '../../src/connection/dispatch/snapshot.ts';

/** Timers to come, by name: what the rows of `timer` would be. */
export type PendingTimers = ReadonlyMap<string, { event: TimerEvent; dueAt: number }>;

export interface Position {
  snapshot: ConnectionSnapshot;
  timers: PendingTimers;
}

/** One event as dispatch carries it out, without a database. */
export interface Step {
  before: Position;
  event: ConnectionEvent;
  after: Position;
  outgoing: Outgoing;
}

export function startPosition(): Position {
  const [snapshot, actions] = initialTransition(connectionMachine, { tenantId: 'tenant-1' });
  if (actions.length > 0) throw new Error('A new connection asks for nothing');
  return { snapshot, timers: new Map() };
}

export function takeStep(before: Position, event: ConnectionEvent): Step {
  const [snapshot, actions] = transition(connectionMachine, before.snapshot, event);
  const outgoing = readActions(actions);
  const timers = new Map(before.timers);
  const due = dueTimer(before.timers, event);
  if (due !== undefined) timers.delete(due);
  for (const [name, timer] of outgoing.timers) {
    if (timer === null) timers.delete(name);
    else timers.set(name, { event: timer.event, dueAt: Date.parse(event.at) + timer.delayMs });
  }
  return { before, event, after: { snapshot, timers }, outgoing };
}

/** The name of the timer that brought this event, if one did. */
function dueTimer(timers: PendingTimers, { at: _at, id: _id, ...unstamped }: ConnectionEvent): string | undefined {
  const text = JSON.stringify(unstamped);
  return [...timers].find(([, timer]) => JSON.stringify(timer.event) === text)?.[0];
}
