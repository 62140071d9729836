import { SECOND } from '../events/payloads.ts';
import { casesAt, type StampedCase } from '../event-catalogue.ts';
import { momentOfStep, uuidOf } from '../moment.ts';
import { answersTo } from './answers.ts';
import type { Happening, ModelWorld } from './world.ts';

const COMMANDS = [
  'connect',
  'refresh',
  'resync',
  'retry',
  'configure',
  'token.needed',
  'gap.noticed',
  'backfill.overdue',
  'import',
  'release',
  'disconnect',
];
const ANSWERS_OF_PEOPLE = ['consent.granted', 'account.confirmed', 'account.declined', 'consent.denied'];

const told = ({ says, stamped }: StampedCase): Happening => ({ says, event: stamped });

const casesNow = (world: ModelWorld, types?: string[]): StampedCase[] =>
  casesAt(momentOfStep(world.position.snapshot.context, world.events.length, world.now), types);

/** What people and programs can ask for now. */
export function commandsTo(world: ModelWorld): Happening[] {
  return casesNow(world, COMMANDS).map(told);
}

/** What Calendly, and the person in front of its page, can answer now; the healthy answer to the oldest question comes first. */
export function answersIn(world: ModelWorld): Happening[] {
  const ofPeople = casesNow(world, ANSWERS_OF_PEOPLE)
    .filter((each) => !each.stray)
    .map(told);
  return [...world.pending.flatMap((pending) => answersTo(world, pending)), ...ofPeople];
}

/** Each timer that is set, as if the time until then had passed. */
export function timersDue(world: ModelWorld): Happening[] {
  return [...world.position.timers]
    .sort(([, a], [, b]) => a.dueAt - b.dueAt)
    .map(([name, { event, dueAt }]) => {
      const at = new Date(Math.max(dueAt, world.now + SECOND)).toISOString();
      return {
        says: `${event.type} (${name})`,
        event: { ...event, at, id: uuidOf('timer', name, world.events.length) },
      };
    });
}

/** Events about what the machine does not have or does not wait for (any more). */
export function strayEvents(world: ModelWorld): Happening[] {
  return casesNow(world)
    .filter((each) => each.stray && canStray(world, each))
    .map(told);
}

/** Timers come from their rows alone, and a create is answered once: these would contradict what the world knows. */
function canStray(
  {
    position: {
      snapshot: { context },
    },
  }: ModelWorld,
  { event }: StampedCase,
): boolean {
  if (event.type === 'subscription.created') return event.subscriptionId !== context.draft?.id;
  return event.type !== 'backfill.due' && event.type !== 'debt.due';
}
