import { waitingStates } from '../../machines/connection/index.ts';
import { statePath } from '../../src/connection/dispatch/snapshot.ts';
import type { Position, Step } from './take-step.ts';

/** Timers that stand in a state from its entry to its exit, and nowhere else. */
const TIMERS_OF_STATES: Record<string, (state: string) => boolean> = {
  deadline: (state) =>
    waitingStates.has(state) || state === 'authorizing.awaitingConsent' || state === 'authorizing.confirmingAccount',
  retry: (state) => state === 'error.retrying' || state === 'authorizing.retryingImport',
  recheck: (state) => state.startsWith('error.needs'),
};

/** The one effect that a state waits for; its answer carries the generation of the entry. */
const EFFECTS_OF_STATES: Record<string, string> = {
  'authorizing.exchangingCode': 'exchangeCode',
  'authorizing.identifyingAccount': 'identifyAccount',
  'authorizing.refreshingImport': 'refreshToken',
  'authorizing.provingImport': 'identifyAccount',
  'refreshing.refreshingToken': 'refreshToken',
  'refreshing.provingGrant': 'identifyAccount',
  'syncingWebhooks.listing': 'listSubscriptions',
  'syncingWebhooks.creating': 'createSubscription',
};

type Rule<On> = (on: On) => unknown;

/** What holds at any position, however it was reached: each rule gives what breaks it, or nothing that is truthy. */
const rulesOfPositions: Record<string, Rule<Position>> = {
  'every waiting state has its deadline, error states their way out, and no other state keeps such a timer': ({
    snapshot,
    timers,
  }) => {
    const state = statePath(snapshot.value);
    // A lost grant cannot be looked at again: only a person's consent, or a late answer, leads on.
    const isLost = snapshot.context.grant?.lost === true;
    const isWrong = (name: string, isOf: boolean): boolean =>
      timers.has(name) !== isOf && !(name === 'recheck' && isLost && isOf);
    return Object.entries(TIMERS_OF_STATES)
      .filter(([name, isOf]) => isWrong(name, isOf(state)))
      .map(([name]) => name)
      .join();
  },
  'a timer of a state is of this very entry': ({ snapshot, timers }) =>
    Object.keys(TIMERS_OF_STATES)
      .map((name) => timers.get(name)?.event)
      .find(
        (event) => event !== undefined && 'generation' in event && event.generation !== snapshot.context.generation,
      ),
  'a usable grant is kept alive: a refresh is planned or under way': ({ snapshot, timers }) => {
    const { grant, upkeep, origin } = snapshot.context;
    const state = statePath(snapshot.value);
    // Where the grant cannot be used, or its refresh fails, the error state's own look refreshes it.
    const looksAgain =
      timers.has('recheck') ||
      timers.has('retry') ||
      (state.startsWith('authorizing') && (origin === 'needsAttention' || origin === 'retrying'));
    const isKept = timers.has('refresh') || upkeep || state === 'refreshing.refreshingToken' || looksAgain;
    return grant !== null && !grant.lost && !isKept;
  },
  'disconnected means: nothing in hand, nothing planned but debts': ({ snapshot: { value, context }, timers }) =>
    statePath(value).startsWith('disconnected') &&
    (context.grant ??
      context.candidate ??
      context.subscription ??
      context.draft ??
      context.attempt ??
      context.importing ??
      [...timers.keys()].find((name) => !name.startsWith('debt:'))),
  'disconnected is idle exactly when every debt is settled or waits for a person': ({ snapshot: { value, context } }) =>
    (statePath(value) === 'disconnected.idle' && context.debts.some((debt) => debt.status !== 'blocked')) ||
    (statePath(value) === 'disconnected.settling' && context.debts.every((debt) => debt.status === 'blocked')),
  'connected means: a usable grant, a way of delivery and no problem': ({ snapshot: { value, context } }) => {
    const state = statePath(value);
    if (!state.startsWith('connected')) return false;
    const isDelivering =
      state === 'connected.polling'
        ? context.delivery === 'polling'
        : context.delivery === 'webhooks' && context.subscription !== null;
    return !isDelivering || context.grant === null || context.grant.lost || context.problem !== null;
  },
  'an error names its problem': ({ snapshot: { value, context } }) =>
    statePath(value).startsWith('error') && context.problem === null,
  'only authorizing has an attempt or an import, a candidate, an account in question': ({
    snapshot: { value, context },
  }) =>
    statePath(value).startsWith('authorizing')
      ? (context.attempt === null) === (context.importing === null)
      : (context.attempt ?? context.importing ?? context.candidate ?? context.pendingAccount),
  'a candidate is there while it is looked at, an account in question while it is confirmed': ({
    snapshot: { value, context },
  }) => {
    const state = statePath(value);
    return (
      (/identifyingAccount|confirmingAccount|Import$/.test(state) && context.candidate === null) ||
      state.endsWith('confirmingAccount') !== (context.pendingAccount !== null)
    );
  },
  'a connection that listens is watched, one that polls is polled': ({ snapshot: { value, context }, timers }) => {
    const state = statePath(value);
    return (
      (state === 'connected.webhooks' && !timers.has('watch')) ||
      (state === 'connected.polling' && !(timers.has('poll') && timers.has('plan'))) ||
      (context.delivery === 'polling' && context.grant?.lost === false && !timers.has('poll'))
    );
  },
  'each debt is owed once': ({
    snapshot: {
      context: { debts },
    },
  }) => new Set(debts.map((debt) => debt.id)).size !== debts.length,
  'a draft is owed until it stands': ({
    snapshot: {
      context: { draft, debts },
    },
  }) => draft !== null && !debts.some((debt) => debt.subscriptionId === draft.id),
  'what is in use is not owed': ({
    snapshot: {
      context: { subscription, grant, candidate, debts },
    },
  }) =>
    debts.find((debt) =>
      debt.kind === 'subscription'
        ? debt.subscriptionId === subscription
        : debt.grantId === grant?.id || debt.grantId === candidate?.id,
    ),
  'a grant is not revoked while a debt that can be settled needs it': ({
    snapshot: {
      context: { debts },
    },
  }) =>
    debts.find(
      (debt) =>
        debt.kind === 'grant' &&
        debt.status === 'trying' &&
        debts.some(
          (other) => other.kind === 'subscription' && other.status !== 'blocked' && other.grantId === debt.grantId,
        ),
    ),
  'a debt that waits has its timer, no other debt has one': ({
    snapshot: {
      context: { debts },
    },
    timers,
  }) => {
    const waiting = debts.filter((debt) => debt.status === 'waiting').map((debt) => `debt:${debt.id}`);
    const planned = [...timers.keys()].filter((name) => name.startsWith('debt:'));
    return waiting.sort().join() !== planned.sort().join() && `${waiting.join()} wait, ${planned.join()} are planned`;
  },
  'a debt is held only for a create under way, before any of ours stands, or for other debts of its grant': ({
    snapshot: {
      value,
      context: { debts, draft },
    },
  }) =>
    debts.find(
      (debt) =>
        debt.status === 'held' &&
        (debt.kind === 'subscription'
          ? debt.subscriptionId !== draft?.id && /^(connected|disconnected)/.test(statePath(value))
          : !debts.some(
              (other) => other.kind === 'subscription' && other.status !== 'blocked' && other.grantId === debt.grantId,
            )),
    ),
  'a back-fill that waits, or left something out, has its timer': ({
    snapshot: {
      context: { backfill },
    },
    timers,
  }) =>
    (backfill.state === 'waiting' || (backfill.state === 'done' && backfill.incomplete > 0)) !==
      timers.has('backfill') && backfill,
  'a back-fill that is over leaves nothing wanted': ({
    snapshot: {
      context: { backfill },
    },
  }) => (backfill.state === 'done' || backfill.state === 'none') && backfill.again !== null && backfill,
};

/** What holds for any step. */
const rulesOfSteps: Record<string, Rule<Step>> = {
  'generations only grow': ({ before, after }) =>
    after.snapshot.context.generation < before.snapshot.context.generation,
  'a state entered asks for its effect, under the generation of this entry': ({ before, after, outgoing }) => {
    const { generation } = after.snapshot.context;
    const effect = EFFECTS_OF_STATES[statePath(after.snapshot.value)];
    if (effect === undefined || generation === before.snapshot.context.generation) return false;
    return (
      outgoing.effects.filter(
        ({ type, params }) => type === effect && 'generation' in params && params.generation === generation,
      ).length !== 1
    );
  },
  'nothing is asked twice in one step': ({ outgoing: { effects } }) =>
    new Set(effects.map((effect) => JSON.stringify(effect))).size !== effects.length,
  'a debt newly tried has its effect': ({ before, after, outgoing }) => {
    const former = new Map(before.snapshot.context.debts.map((debt) => [debt.id, debt.status]));
    return after.snapshot.context.debts.find(
      (debt) =>
        debt.status === 'trying' &&
        former.get(debt.id) !== 'trying' &&
        !outgoing.effects.some(({ params }) => 'debtId' in params && params.debtId === debt.id),
    );
  },
  'what is left behind is owed: grants': ({ before, after }) => {
    const { grant, candidate, debts } = after.snapshot.context;
    return [before.snapshot.context.grant, before.snapshot.context.candidate].find(
      (former) =>
        former !== null &&
        former.id !== grant?.id &&
        former.id !== candidate?.id &&
        !debts.some((debt) => debt.kind === 'grant' && debt.grantId === former.id),
    );
  },
  'a back-fill of a former account is over': ({ before, after }) => {
    const [former, present] = [before.snapshot.context, after.snapshot.context];
    return (
      former.grant?.accountUri &&
      present.grant?.id !== former.grant.id &&
      present.grant?.accountUri !== former.grant.accountUri &&
      present.backfill.run === former.backfill.run
    );
  },
  'what is left behind is owed: the live subscription': ({ before, after }) => {
    const { subscription, debts } = after.snapshot.context;
    const former = before.snapshot.context.subscription;
    return former !== null && former !== subscription && !debts.some((debt) => debt.subscriptionId === former);
  },
};

/** Every rule that the step, or the position it leads to, breaks. */
export function brokenRules(step: Step): string[] {
  return [...broken(rulesOfPositions, step.after), ...broken(rulesOfSteps, step)];
}

function broken<On>(rules: Record<string, Rule<On>>, on: On): string[] {
  return Object.entries(rules).flatMap(([name, rule]) => {
    const found = rule(on);
    return found
      ? [found === true ? name : `${name} (${typeof found === 'string' ? found : JSON.stringify(found)})`]
      : [];
  });
}
