import { statePath } from '../../../src/connection/dispatch/snapshot.ts';
import { brokenRules } from '../invariants.ts';
import { answersTo } from './answers.ts';
import { timersDue } from './happenings.ts';
import { happen, type Happening, type ModelWorld } from './world.ts';

const MOST_STEPS = 300;
/** Timers of upkeep: they go on for ever, also in a connection that is at rest. */
const UPKEEP = new Set(['refresh', 'poll', 'plan', 'watch', 'recheck']);
const REST = /^(connected\..+|disconnected\.idle|error\.needs.+)$/;

/**
 * Calendly is well again and nobody does anything: every effect is answered as it should be, every timer comes.
 * Gives the world once it is at rest, or a sentence about why it never gets there.
 */
export function wayToRest(start: ModelWorld): { world: ModelWorld; words: string[] } | string {
  const words: string[] = [];
  let world = start;
  while (words.length < MOST_STEPS) {
    const next = nextOf(world);
    if (next === undefined) {
      const state = statePath(world.position.snapshot.value);
      return REST.test(state) ? { world, words } : `stuck in ${state} after ${words.join(' → ')}`;
    }
    const happened = happen(world, next);
    const broken = brokenRules(happened.step);
    words.push(next.says);
    if (broken.length > 0) return `${broken.join('; ')} after ${words.join(' → ')}`;
    world = happened.world;
  }
  return `not at rest after ${words.slice(-20).join(' → ')}`;
}

function nextOf(world: ModelWorld): Happening | undefined {
  const [pending] = world.pending;
  if (pending !== undefined) return answersTo(world, pending)[0];
  return timersDue(world).find(({ says }) => !UPKEEP.has(says.match(/\((.+)\)$/)![1]!));
}
