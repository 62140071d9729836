import type { ConnectionContext, ConnectionEvent, Effect } from '../../../machines/connection/index.ts';
import { startPosition, takeStep, type Position, type Step } from '../take-step.ts';
import { nothingExists, truthAfter, withImports, type Leftover, type Truth } from './truth.ts';

/** An effect that was asked for and is not answered yet. */
export interface PendingEffect {
  effect: Effect;
  /** What the machine knew when it asked: the answer is about this, however late it comes. */
  asked: ConnectionContext;
}

/** A tenant's connection with everything around it: its timers, its work under way, Calendly and the time. */
export interface ModelWorld {
  position: Position;
  pending: readonly PendingEffect[];
  truth: Truth;
  now: number;
  /** Everything that happened, for replay. */
  events: readonly ConnectionEvent[];
}

/** One thing that happens. */
export interface Happening {
  says: string;
  event: ConnectionEvent;
  /** The effect that this answers. */
  answers?: PendingEffect;
  /** A call whose answer was lost on its way may have left a webhook behind. */
  leaves?: Leftover;
}

export function startModelWorld(): ModelWorld {
  return {
    position: startPosition(),
    pending: [],
    truth: nothingExists,
    now: Date.parse('2026-01-05T09:00:00.000Z'),
    events: [],
  };
}

export function happen(world: ModelWorld, { event, answers, leaves }: Happening): { world: ModelWorld; step: Step } {
  const step = takeStep(world.position, event);
  const { context } = step.after.snapshot;
  const asked = step.outgoing.effects.map((effect) => ({ effect, asked: context }));
  const truth = withImports(truthAfter(world.truth, event, leaves), event, context, world.position.snapshot.context);
  return {
    step,
    world: {
      position: step.after,
      pending: [...world.pending.filter((each) => each !== answers), ...asked],
      truth,
      now: Math.max(world.now, Date.parse(event.at)),
      events: [...world.events, event],
    },
  };
}
