import type { ConnectionEvent, UnstampedEvent } from '../../machines/connection/index.ts';
import { besideCases } from './events/beside.ts';
import type { CasesFor, EventCase } from './events/case.ts';
import { commandCases } from './events/commands.ts';
import { consentCases } from './events/consent.ts';
import { SECOND } from './events/payloads.ts';
import { subscriptionCases } from './events/subscriptions.ts';
import { timerCases } from './events/timers.ts';
import { tokenCases } from './events/tokens.ts';
import type { Moment } from './moment.ts';

/**
 * EVERY event of the machine, in every way it can happen. A new event does not compile until it has its cases here;
 * a new guard is likely to need one case that passes it and one that does not (the coverage test says which it misses).
 * Each entry gives at least one case at any moment: @xstate/test would make up an event without payload otherwise.
 */
const eventCatalogue: CasesFor<UnstampedEvent> = {
  ...commandCases,
  ...timerCases,
  ...consentCases,
  ...tokenCases,
  ...subscriptionCases,
  ...besideCases,
};

export interface StampedCase extends EventCase {
  stamped: ConnectionEvent;
}

/** All that can happen at this moment, stamped as dispatch does. */
export function casesAt(moment: Moment, types: Iterable<string> = Object.keys(eventCatalogue)): StampedCase[] {
  return [...types].flatMap((type) => {
    const cases = eventCatalogue[type as UnstampedEvent['type']] as (at: Moment) => EventCase[];
    return cases(moment).map((each) => ({ ...each, stamped: stamp(each, moment) }));
  });
}

function stamp({ event, after = SECOND, says }: EventCase, { now, fresh }: Moment): ConnectionEvent {
  const id = fresh(`event ${says}`);
  // Delays are spread by the first digits of the id: the catalogue knows the least and the most of them, and nothing in between.
  const spread = Number.parseInt(id.at(-1)!, 16) % 2 === 0 ? '0000' : 'ffff';
  return { ...event, at: new Date(now + after).toISOString(), id: spread + id.slice(4) };
}
