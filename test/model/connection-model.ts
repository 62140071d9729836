import { createTestModel } from '@xstate/test';
import type { ConnectionEvent, Debt } from '../../machines/connection/index.ts';
import { statePath, type ConnectionSnapshot } from '../../src/connection/dispatch/snapshot.ts';
import { casesAt, type StampedCase } from './event-catalogue.ts';
import { momentOf } from './moment.ts';
import type { TracedMachine } from './traced-machine.ts';

/** Debts add up for ever: what lies behind this bound is more of the same. */
const MOST_DEBTS = 3;
const LIMIT = 200_000;

export function createConnectionModel(traced: TracedMachine) {
  const says = new Map<ConnectionEvent, string>();
  const keys = new WeakMap<ConnectionSnapshot, string>();
  const firstKeys = new Map<string, string>();
  const casesOf = (snapshot: ConnectionSnapshot): StampedCase[] =>
    casesAt(momentOf(snapshot.context), typesIn(snapshot));

  function serializeState(
    state: ConnectionSnapshot,
    event: ConnectionEvent | undefined,
    before?: ConnectionSnapshot,
  ): string {
    const taken = event && before ? traced.step(before, event).taken : ['start'];
    const known = keys.get(state);
    // An event that is not taken leads nowhere; one that is taken leads on, even if it only sets a timer.
    if (known !== undefined && (taken.length === 0 || state !== before)) return known;
    const alike = whatGuardsRead(state);
    const from = before && statePath(before.value) !== statePath(state.value) ? `${statePath(before.value)}, ` : '';
    const key = `${alike} via ${from}${taken.join(' + ')}`;
    if (known === undefined) keys.set(state, key);
    if (!firstKeys.has(alike)) firstKeys.set(alike, key);
    return key;
  }
  /** However it was reached: from there on it goes the same ways, and one of them is enough. */
  const isKnown = (state: ConnectionSnapshot): boolean => firstKeys.get(whatGuardsRead(state)) !== keys.get(state);

  const model = createTestModel(traced.machine, {
    input: { tenantId: 'tenant-1' },
    limit: LIMIT,
    serializeState,
    serializeEvent: (event) => says.get(event) ?? event.type,
    events: (snapshot) =>
      casesOf(snapshot).map(({ stamped, says: words }) => {
        says.set(stamped, words);
        return stamped;
      }),
    stopWhen: (state) => isKnown(state) || state.context.debts.length > MOST_DEBTS,
  });
  return { model, says: (event: ConnectionEvent) => says.get(event) ?? event.type };
}

function typesIn(snapshot: ConnectionSnapshot): Set<string> {
  return new Set(snapshot._nodes.flatMap((node) => node.ownEvents as string[]));
}

/**
 * The part of a snapshot that the guards of its state read: two with the same one behave alike there. What a state only
 * carries along for others is left out; the transition taken, which is part of the key as well, tells it apart where it matters.
 */
function whatGuardsRead({ value, context }: ConnectionSnapshot): string {
  const state = statePath(value);
  const isIn = (...tops: string[]): boolean => tops.some((top) => state.startsWith(top));
  const { grant, candidate, attempt, draft, debts, problem } = context;
  const facts = [
    grant === null ? 'no grant' : grant.lost ? 'lost grant' : 'grant',
    context.upkeep ? 'upkeep' : '',
    isIn('authorizing', 'refreshing.refreshingToken') ? `from ${context.origin}` : '',
    isIn('authorizing') ? `${candidate !== null} ${attempt?.switchAccount}` : '',
    isIn('authorizing') && context.importing !== null ? `import ${context.renewed}` : '',
    isIn('refreshing') ? `${context.routine} ${context.renewed}` : '',
    isIn('syncingWebhooks')
      ? `${draft?.conflicted} ${context.creates} ${context.renewed} ${context.subscription !== null}`
      : '',
    isIn('error') && NEEDS_CONSENT.has(problem?.code ?? '') ? 'consent' : '',
    isIn('connected.polling') ? `back-fill ${context.backfill.state}` : '',
    isIn('disconnected') ? statusesOf(debts) : '',
    isIn('syncingWebhooks.clearing') ? statusesOf(debts.filter((debt) => context.clearing.includes(debt.id))) : '',
  ];
  return `${state} ${facts.filter(Boolean).join(', ')}`;
}

const NEEDS_CONSENT = new Set(['scope_missing', 'issuer_changed']);

const statusesOf = (debts: Debt[]): string => [...new Set(debts.map((debt) => debt.status))].sort().join(' ');
