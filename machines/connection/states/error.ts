import * as attempt from '../attempt.ts';
import * as grant from '../grant.ts';
import { connectionSetup } from '../setup.ts';
import * as step from '../step.ts';
import type { Origin } from '../context.ts';

/** The way back in with the stored grant: proven when its token is fresh, refreshed when it is not. */
const tryAgain = (isFresh: 'isTokenGoodForLonger' | 'isRecentlyRefreshed') =>
  [
    { guard: isFresh, target: '#provingGrant', actions: [step.beginPass, attempt.comeBackTo('reconnecting')] },
    {
      guard: 'hasUsableGrant',
      target: '#refreshingToken',
      actions: [step.beginPass, attempt.comeBackTo('reconnecting')],
    },
  ] as const;
const onCommand = tryAgain('isRecentlyRefreshed');
const onTimer = tryAgain('isTokenGoodForLonger');

const ways = (origin: Origin) =>
  ({
    connect: [
      { guard: 'wantsConsent', target: '#awaitingConsent', actions: attempt.startAttemptFrom(origin) },
      ...onCommand,
    ],
    refresh: {
      guard: 'hasUsableGrant',
      target: '#refreshingToken',
      actions: [step.beginPass, attempt.comeBackTo('reconnecting')],
    },
    resync: onCommand,
    retry: onCommand,
  }) as const;

const withNewToken = {
  guard: 'isCurrentGrant',
  target: '#provingGrant',
  actions: [grant.takeToken, grant.startRefreshTimer, step.beginPass, attempt.comeBackTo('reconnecting')],
} as const;

/** Something is in the way. `retrying` mends itself; the others name what a person must do, and look again by themselves. */
export const error = connectionSetup.createStateConfig({
  initial: 'retrying',
  // Success heals: whoever brought new tokens (upkeep, a debt, a reader of tokens), the connection tries again with them.
  on: { 'token.refreshed': withNewToken, 'grant.recovered': withNewToken },
  states: {
    retrying: {
      id: 'retrying',
      entry: [step.nextGeneration, step.countFailure, step.startRetryTimer],
      exit: step.stopRetryTimer,
      on: { ...ways('retrying'), 'retry.due': onTimer },
    },
    needsReauthorization: {
      id: 'needsReauthorization',
      entry: [step.nextGeneration, step.countFailure, step.startRecheckTimer],
      exit: step.stopRecheckTimer,
      on: { ...ways('needsReauthorization'), 'recheck.due': onTimer },
    },
    needsPermission: {
      id: 'needsPermission',
      entry: [step.nextGeneration, step.countFailure, step.startRecheckTimer],
      exit: step.stopRecheckTimer,
      on: {
        ...ways('needsPermission'),
        'recheck.due': onTimer,
        // The grant was good all along: new tokens are upkeep, and no reason to ask for the same permission again.
        'token.refreshed': { guard: 'isCurrentGrant', actions: [grant.takeToken, grant.startRefreshTimer] },
      },
    },
    needsAttention: {
      id: 'needsAttention',
      entry: [step.nextGeneration, step.countFailure, step.startRecheckTimer],
      exit: step.stopRecheckTimer,
      on: { ...ways('needsAttention'), 'recheck.due': onTimer },
    },
  },
});
