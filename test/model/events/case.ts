import type { UnstampedEvent } from '../../../machines/connection/index.ts';
import type { Moment } from '../moment.ts';

/** One way an event can happen at a moment. */
export interface EventCase<T extends UnstampedEvent['type'] = UnstampedEvent['type']> {
  /** Words of a sentence; they tell this case from all others of the same moment. */
  says: string;
  event: Extract<UnstampedEvent, { type: T }>;
  /** Milliseconds after the moment; 1 s unless it says otherwise. */
  after?: number;
  /** It is about something that the machine does not have or does not wait for (any more): old, or somebody else's. */
  stray?: true;
}

export type CasesOf<T extends UnstampedEvent['type']> = (moment: Moment) => EventCase<T>[];
/** Exhaustive over a group of events: an event without an entry does not compile. */
export type CasesFor<E extends { type: string }> = { [T in Extract<E, UnstampedEvent>['type']]: CasesOf<T> };
