import { and } from 'xstate/guards';
import * as attempt from '../attempt.ts';
import * as grant from '../grant.ts';
import { connectionSetup } from '../setup.ts';
import { startImportFrom } from '../importing.ts';
import * as step from '../step.ts';
import { takeSettings } from '../tenant-settings.ts';
import type { Origin } from '../context.ts';

/** Tries again with the stored grant. A fresh token is tried as it is, any other one is refreshed first. */
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
    // Other settings may be what was missing, for example user scope where organization scope was refused.
    configure: {
      guard: and(['changesWebhooks', 'hasUsableGrant']),
      target: '#provingGrant',
      actions: [takeSettings, step.beginPass, attempt.comeBackTo('reconnecting')],
    },
  }) as const;

/** In a state that names what a person must do, an import of another system's tokens may be the solution. */
const importWays = (origin: Origin) =>
  ({
    import: [
      { guard: and(['needsConsent', 'bringsGoodToken']), target: '#provingImport', actions: startImportFrom(origin) },
      { guard: 'needsConsent', target: '#refreshingImport', actions: startImportFrom(origin) },
    ],
  }) as const;

const withNewToken = {
  guard: 'isCurrentGrant',
  target: '#provingGrant',
  actions: [grant.takeToken, grant.startRefreshTimer, step.beginPass, attempt.comeBackTo('reconnecting')],
} as const;

/** Something prevents the connection. `retrying` tries again by timer. The others need a person, and check by timer. */
export const error = connectionSetup.createStateConfig({
  initial: 'retrying',
  // New tokens show that the grant works, so the connection tries again. Upkeep, a debt or a reader of tokens may have brought them.
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
      on: { ...ways('needsReauthorization'), ...importWays('needsReauthorization'), 'recheck.due': onTimer },
    },
    needsPermission: {
      id: 'needsPermission',
      entry: [step.nextGeneration, step.countFailure, step.startRecheckTimer],
      exit: step.stopRecheckTimer,
      on: {
        ...ways('needsPermission'),
        ...importWays('needsPermission'),
        'recheck.due': onTimer,
        // The grant was not the problem here, so new tokens are no reason to try again.
        'token.refreshed': { guard: 'isCurrentGrant', actions: [grant.takeToken, grant.startRefreshTimer] },
      },
    },
    needsAttention: {
      id: 'needsAttention',
      entry: [step.nextGeneration, step.countFailure, step.startRecheckTimer],
      exit: step.stopRecheckTimer,
      on: { ...ways('needsAttention'), ...importWays('needsAttention'), 'recheck.due': onTimer },
    },
  },
});
