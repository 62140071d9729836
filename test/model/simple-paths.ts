import { createTestModel } from '@xstate/test';
import { connectionMachine, type ConnectionEvent } from '../../machines/connection/index.ts';
import { statePath, type ConnectionSnapshot } from '../../src/connection/dispatch/snapshot.ts';
import { casesAt } from './event-catalogue.ts';
import { momentOf } from './moment.ts';
import { startPosition, takeStep, type Step } from './take-step.ts';

/** A life in which one thing goes wrong, so that ways part and meet again. With every event there are more ways than can be gone. */
const WORDS = new Set([
  'connect',
  'consent granted',
  'consent denied',
  'token issued',
  'account identified',
  'another account identified',
  'account confirmed',
  'listing shows nothing',
  'subscription created',
  'refresh',
  'token refreshed',
  'refresh rejected',
  'disconnect',
  'debt 1 (subscription) settled',
  'debt 2 (grant) settled',
]);

/** Every way through that life that meets no situation twice, as words. */
export function simplePaths(): string[][] {
  const says = new Map<ConnectionEvent, string>();
  const events = (snapshot: ConnectionSnapshot): ConnectionEvent[] =>
    casesAt(momentOf(snapshot.context))
      .filter((each) => WORDS.has(each.says) && isAsked(snapshot, each.says))
      .map(({ stamped, says: words }) => {
        says.set(stamped, words);
        return stamped;
      });
  const serializeEvent = (event: ConnectionEvent): string => says.get(event) ?? event.type;
  const model = createTestModel(connectionMachine, {
    input: { tenantId: 'tenant-1' },
    serializeState: situation,
    serializeEvent,
  });
  return model
    .getSimplePaths({ events, serializeEvent, limit: 100_000 })
    .map(({ steps: [, ...steps] }) => steps.map(({ event }) => serializeEvent(event)))
    .filter((words) => words.length > 0);
}

/** Tokens come where a code is being exchanged, and refreshed ones where that was asked for. */
function isAsked({ value, context }: ConnectionSnapshot, words: string): boolean {
  const state = statePath(value);
  if (words === 'token issued') return state === 'authorizing.exchangingCode';
  return (
    !/^(token refreshed|refresh rejected)$/.test(words) || state === 'refreshing.refreshingToken' || context.upkeep
  );
}

function situation({ value, context }: ConnectionSnapshot): string {
  const { grant, origin, subscription, routine, upkeep, debts } = context;
  const state = statePath(value);
  return [
    state,
    grant === null ? '' : grant.lost ? 'lost' : 'grant',
    state.startsWith('authorizing') || routine ? origin : '',
    subscription === null ? '' : 'webhook',
    upkeep,
    debts.some(({ status, attempts }) => status === 'trying' && attempts === 0),
  ].join();
}

/** Goes a path by its words; ids and generations are those of this very way. */
export function goWords(words: readonly string[]): Step[] {
  let position = startPosition();
  return words.map((word) => {
    const happening = casesAt(momentOf(position.snapshot.context)).find(({ says }) => says === word);
    if (happening === undefined) throw new Error(`"${word}" cannot happen in ${statePath(position.snapshot.value)}`);
    const step = takeStep(position, happening.stamped);
    position = step.after;
    return step;
  });
}
