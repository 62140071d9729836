import type { ExecutableActionObject } from 'xstate';
import { Value } from 'typebox/value';
import { effectParams, type Effect, type EffectType, type TimerEvent } from '../../../machines/connection/index.ts';

/** What one transition asks for, as data. A timer that is `null` is cancelled. */
export interface Outgoing {
  effects: Effect[];
  timers: Map<string, { event: TimerEvent; delayMs: number } | null>;
}

/**
 * Turns XState's actions into effects, timers and cancellations, in their order. Of several actions on one timer, the last one wins.
 * A raise without delay is ignored, because the machine has already taken it. An unknown action is a bug and throws.
 */
export function readActions(actions: readonly ExecutableActionObject[]): Outgoing {
  const outgoing: Outgoing = { effects: [], timers: new Map() };
  for (const { type, params } of actions) {
    if (type === 'xstate.raise') {
      const { event, id, delay } = params as { event: TimerEvent; id?: string; delay?: number };
      if (delay === undefined) continue;
      if (id === undefined) throw new Error(`A timer without a name raises ${event.type}`);
      outgoing.timers.set(id, { event, delayMs: delay });
    } else if (type === 'xstate.cancel') {
      outgoing.timers.set((params as { sendId: string }).sendId, null);
    } else {
      outgoing.effects.push(readEffect(type, params));
    }
  }
  return outgoing;
}

/** Checks an effect, from the machine or read back from the store, against its schema. */
export function readEffect(type: string, params: unknown): Effect {
  const schema = effectParams[type as EffectType];
  if (schema === undefined) throw new Error(`Unknown effect ${type}`);
  if (!Value.Check(schema, params)) throw new Error(`Effect ${type} with parameters that do not fit its schema`);
  return { type, params } as Effect;
}
