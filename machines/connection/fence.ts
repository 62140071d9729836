import { and } from 'xstate/guards';
import type { Fact, TimerEvent } from './events.ts';

/**
 * What happens to a fact or a timer that comes late, after its step.
 * `step`: only the step that asked for it takes it, by its generation. Late, it changes nothing.
 * `late`: the states take it only in its step. Late, the root takes it: something exists at Calendly, or an upkeep waits for it.
 * `subject`: guards compare what it names (an attempt, a grant, a debt, a run…). About another one it changes nothing.
 * `always`: it is taken in every step.
 */
type Fence = 'step' | 'late' | 'subject' | 'always';

type Occurrence = Fact | TimerEvent;
type WithGeneration = Extract<Occurrence, { generation: number }>['type'];

export const FENCES: {
  [T in Occurrence['type']]: T extends WithGeneration ? Fence : Exclude<Fence, 'step' | 'late'>;
} = {
  'code.refused': 'step',
  'account.identified': 'step',
  'subscriptions.listed': 'step',
  'subscription.conflicted': 'step',
  'permission.refused': 'step',
  'call.failed': 'step',
  'consent.expired': 'step',
  'confirmation.expired': 'step',
  'deadline.passed': 'step',
  'retry.due': 'step',
  'recheck.due': 'step',

  'token.issued': 'late',
  'token.refreshFailed': 'late',
  'subscription.created': 'late',

  'consent.granted': 'subject',
  'consent.denied': 'subject',
  'account.confirmed': 'subject',
  'account.declined': 'subject',
  'token.refreshRejected': 'subject',
  'grant.unusable': 'subject',
  'subscription.checked': 'subject',
  'subscription.uncheckable': 'subject',
  'debt.settled': 'subject',
  'debt.postponed': 'subject',
  'debt.refused': 'subject',
  'debt.blocked': 'subject',
  'debt.due': 'subject',
  'backfill.completed': 'subject',
  'backfill.failed': 'subject',
  'backfill.due': 'subject',

  // These tokens exist at Calendly, whichever step asked for them.
  'token.refreshed': 'always',
  'grant.recovered': 'always',
  'token.orphaned': 'always',
  'token.needed': 'always',
  'gap.noticed': 'always',
  'backfill.overdue': 'always',
  'refresh.due': 'always',
  'poll.due': 'always',
  'plan.due': 'always',
  'watch.due': 'always',
};

interface Transition {
  guard?: string | object;
}
interface State {
  on?: Record<string, Transition | readonly Transition[]>;
  states?: States;
}
type States = Record<string, State>;

/** The states, with `isCurrent` asked first wherever an event is fenced by its step. */
export function fence<T extends object>(states: T): T {
  return fenceAll(states as States) as T;
}

function fenceAll(states: States): States {
  return mapValues(states, ({ on, states: inner, ...state }) => ({
    ...state,
    ...(on && { on: mapValues(on, (transitions, type) => (isByStep(type) ? fenced(transitions) : transitions)) }),
    ...(inner && { states: fenceAll(inner) }),
  }));
}

function isByStep(type: string): boolean {
  const kind: Fence | undefined = FENCES[type as keyof typeof FENCES];
  return kind === 'step' || kind === 'late';
}

function fenced(transitions: Transition | readonly Transition[]): Transition[] {
  return [transitions].flat().map(({ guard, ...transition }) => ({
    ...transition,
    guard: guard === undefined ? 'isCurrent' : and(['isCurrent', guard] as never),
  }));
}

function mapValues<V, W>(record: Record<string, V>, to: (value: V, key: string) => W): Record<string, W> {
  return Object.fromEntries(Object.entries(record).map(([key, value]) => [key, to(value, key)]));
}
