import * as act from '../actions.ts';
import type { Origin } from '../context.ts';
import { connectionSetup } from '../setup.ts';

/** The way back in with the stored grant: proven when it is fresh, refreshed when it is not. */
const tryAgain = (guards: { fresh: 'isRecentlyRefreshedNow' | 'isRecentlyRefreshed'; stale: 'isCurrentAndUsable' | 'hasUsableGrant' }) => [
  { guard: guards.fresh, target: '#provingGrant', actions: [act.beginPass, act.comeBackTo('reconnecting')] },
  { guard: guards.stale, target: '#refreshingToken', actions: [act.beginPass, act.comeBackTo('reconnecting')] },
] as const;
const onCommand = tryAgain({ fresh: 'isRecentlyRefreshed', stale: 'hasUsableGrant' });
const onTimer = tryAgain({ fresh: 'isRecentlyRefreshedNow', stale: 'isCurrentAndUsable' });

const ways = (origin: Origin) => ({
  connect: [
    { guard: 'wantsConsent', target: '#awaitingConsent', actions: act.startAttemptFrom(origin) },
    ...onCommand,
  ],
  refresh: { guard: 'hasUsableGrant', target: '#refreshingToken', actions: [act.beginPass, act.comeBackTo('reconnecting')] },
  resync: onCommand,
  retry: onCommand,
} as const);

const revived = {
  guard: 'isCurrentGrant',
  target: '#provingGrant',
  actions: [act.takeToken, act.startRefreshTimer, act.beginPass, act.comeBackTo('reconnecting')],
} as const;

/** Something is in the way. `retrying` mends itself; the others name what a person must do, and look again by themselves. */
export const error = connectionSetup.createStateConfig({
  initial: 'retrying',
  states: {
    retrying: {
      id: 'retrying',
      entry: [act.nextGeneration, act.countFailure, act.startRetryTimer],
      exit: act.stopRetryTimer,
      on: { ...ways('retrying'), 'retry.due': onTimer },
    },
    needsReauthorization: {
      id: 'needsReauthorization',
      entry: [act.nextGeneration, act.startRecheckTimer],
      exit: act.stopRecheckTimer,
      on: {
        ...ways('needsReauthorization'),
        'recheck.due': onTimer,
        // Whoever brought them: with new tokens there is nothing left to ask a person for.
        'grant.recovered': revived,
        'token.refreshed': revived,
      },
    },
    needsPermission: {
      id: 'needsPermission',
      entry: [act.nextGeneration, act.startRecheckTimer],
      exit: act.stopRecheckTimer,
      on: { ...ways('needsPermission'), 'recheck.due': onTimer },
    },
    needsAttention: {
      id: 'needsAttention',
      entry: [act.nextGeneration, act.startRecheckTimer],
      exit: act.stopRecheckTimer,
      on: { ...ways('needsAttention'), 'recheck.due': onTimer },
    },
  },
});
