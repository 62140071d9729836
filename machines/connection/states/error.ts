import * as act from '../actions.ts';
import type { Origin } from '../context.ts';
import { connectionSetup } from '../setup.ts';

/** The way back in with the stored grant: proven when its token is fresh, refreshed when it is not. */
const tryAgain = (guards: {
  fresh: 'isTokenGoodForLonger' | 'isRecentlyRefreshed';
  stale: 'isCurrentAndUsable' | 'hasUsableGrant';
}) =>
  [
    { guard: guards.fresh, target: '#provingGrant', actions: [act.beginPass, act.comeBackTo('reconnecting')] },
    { guard: guards.stale, target: '#refreshingToken', actions: [act.beginPass, act.comeBackTo('reconnecting')] },
  ] as const;
const onCommand = tryAgain({ fresh: 'isRecentlyRefreshed', stale: 'hasUsableGrant' });
const onTimer = tryAgain({ fresh: 'isTokenGoodForLonger', stale: 'isCurrentAndUsable' });

const ways = (origin: Origin) =>
  ({
    connect: [
      { guard: 'wantsConsent', target: '#awaitingConsent', actions: act.startAttemptFrom(origin) },
      ...onCommand,
    ],
    refresh: {
      guard: 'hasUsableGrant',
      target: '#refreshingToken',
      actions: [act.beginPass, act.comeBackTo('reconnecting')],
    },
    resync: onCommand,
    retry: onCommand,
  }) as const;

const withNewToken = {
  guard: 'isCurrentGrant',
  target: '#provingGrant',
  actions: [act.takeToken, act.startRefreshTimer, act.beginPass, act.comeBackTo('reconnecting')],
} as const;

/** Something is in the way. `retrying` mends itself; the others name what a person must do, and look again by themselves. */
export const error = connectionSetup.createStateConfig({
  initial: 'retrying',
  // Success heals: whoever brought new tokens (upkeep, a debt, a reader of tokens), the connection tries again with them.
  on: { 'token.refreshed': withNewToken, 'grant.recovered': withNewToken },
  states: {
    retrying: {
      id: 'retrying',
      entry: [act.nextGeneration, act.countFailure, act.startRetryTimer],
      exit: act.stopRetryTimer,
      on: { ...ways('retrying'), 'retry.due': onTimer },
    },
    needsReauthorization: {
      id: 'needsReauthorization',
      entry: [act.nextGeneration, act.countFailure, act.startRecheckTimer],
      exit: act.stopRecheckTimer,
      on: { ...ways('needsReauthorization'), 'recheck.due': onTimer },
    },
    needsPermission: {
      id: 'needsPermission',
      entry: [act.nextGeneration, act.countFailure, act.startRecheckTimer],
      exit: act.stopRecheckTimer,
      on: {
        ...ways('needsPermission'),
        'recheck.due': onTimer,
        // The grant was good all along: new tokens are upkeep, and no reason to ask for the same permission again.
        'token.refreshed': { guard: 'isCurrentGrant', actions: [act.takeToken, act.startRefreshTimer] },
      },
    },
    needsAttention: {
      id: 'needsAttention',
      entry: [act.nextGeneration, act.countFailure, act.startRecheckTimer],
      exit: act.stopRecheckTimer,
      on: { ...ways('needsAttention'), 'recheck.due': onTimer },
    },
  },
});
