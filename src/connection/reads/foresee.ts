import { transition } from 'xstate';
import { connectionMachine } from '../../../machines/connection/index.ts';
import { readActions } from '../dispatch/read-actions.ts';
import { statePath, type ConnectionSnapshot } from '../dispatch/snapshot.ts';
import { sampleEvents, type Sample } from './sample-events.ts';

export interface Outcome {
  sample: Sample;
  /** Null: the machine would not accept it, and nothing would change. */
  to: string | null;
  effects: string[];
  timers: { name: string; event: string | null; dueAt: Date | null }[];
}

/** What the machine would do with an event, for every form that the event can have. Nothing is sent or stored. */
export function foresee(
  snapshot: ConnectionSnapshot,
  type: string,
  { now, recentMs }: { now: Date; recentMs: number },
): Outcome[] {
  return sampleEvents(type, snapshot.context, { now, recentMs }).map((sample) => {
    const [after, actions] = transition(connectionMachine, snapshot, sample.event);
    if (after === snapshot) return { sample, to: null, effects: [], timers: [] };
    const { effects, timers } = readActions(actions);
    return {
      sample,
      to: statePath(after.value),
      effects: effects.map((effect) => effect.type),
      timers: [...timers].map(([name, timer]) => ({
        name,
        event: timer?.event.type ?? null,
        dueAt: timer === null ? null : new Date(now.getTime() + timer.delayMs),
      })),
    };
  });
}
