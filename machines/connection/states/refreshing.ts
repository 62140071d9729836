import { and } from 'xstate/guards';
import * as attempt from '../attempt.ts';
import * as grant from '../grant.ts';
import { noteProblem } from '../problem.ts';
import { connectionSetup } from '../setup.ts';
import * as step from '../step.ts';
import { failedCall } from './failed-call.ts';

/** A refresh in time that failed says nothing about the grant, and costs nothing while the access token lives. */
const failedUpkeep = {
  guard: and(['isRoutine', 'isTokenAlive']),
  target: '#arriving',
  actions: [grant.countRefreshFailure, grant.retryRefreshLater],
} as const;
/** The error state looks again by itself, and so does nothing else meanwhile. */
const failedForNow = [noteProblem, grant.countRefreshFailure, grant.stopRefreshTimer];

/** The stored grant is used before anybody is asked for consent; also when its token is due or was rejected. */
export const refreshing = connectionSetup.createStateConfig({
  initial: 'refreshingToken',
  states: {
    refreshingToken: {
      id: 'refreshingToken',
      tags: 'waiting',
      entry: [
        step.nextGeneration,
        {
          type: 'refreshToken',
          params: ({ context }) => ({ grantId: context.grant?.id ?? '', generation: context.generation }),
        },
        step.startDeadline,
      ],
      exit: step.stopDeadline,
      on: {
        connect: [
          {
            guard: 'wantsSwitch',
            target: '#awaitingConsent',
            actions: [attempt.startAttemptFrom('reconnecting'), grant.beginUpkeep],
          },
          // A person asked: from here on it is a reconnect, whatever it began as.
          { guard: 'isRoutine', actions: grant.endRoutine },
        ],
        // The refresh under way serves whoever asks meanwhile.
        'refresh.due': {},
        'token.needed': {},
        'token.refreshed': [
          {
            guard: and(['isCurrentGrant', 'isRoutine']),
            target: '#arriving',
            actions: [grant.takeToken, grant.startRefreshTimer],
          },
          { guard: 'isCurrentGrant', target: 'provingGrant', actions: [grant.takeToken, grant.startRefreshTimer] },
        ],
        'grant.recovered': {
          guard: 'isCurrentGrant',
          target: 'provingGrant',
          actions: [grant.takeToken, grant.startRefreshTimer],
        },
        'token.refreshRejected': {
          guard: 'isCurrentGrant',
          target: '#needsReauthorization',
          actions: [noteProblem, grant.loseGrant, grant.stopRefreshTimer],
        },
        'grant.unusable': {
          guard: 'isCurrentGrant',
          target: '#needsAttention',
          actions: [noteProblem, grant.stopRefreshTimer],
        },
        'token.refreshFailed': [
          failedUpkeep,
          { guard: 'isInvalid', target: '#needsAttention', actions: failedForNow },
          { target: '#retrying', actions: failedForNow },
        ],
        'deadline.passed': [failedUpkeep, { target: '#retrying', actions: failedForNow }],
      },
    },
    provingGrant: {
      id: 'provingGrant',
      tags: 'waiting',
      entry: [
        step.nextGeneration,
        {
          type: 'identifyAccount',
          params: ({ context }) => ({ grantId: context.grant?.id ?? '', generation: context.generation }),
        },
        step.startDeadline,
        // It was stopped when the grant could not be used; a grant that is proven again without a refresh needs it again.
        grant.planRefresh,
      ],
      exit: step.stopDeadline,
      on: {
        connect: {
          guard: 'wantsSwitch',
          target: '#awaitingConsent',
          actions: attempt.startAttemptFrom('reconnecting'),
        },
        'account.identified': { target: '#listing', actions: grant.identifyGrant },
        'call.failed': failedCall,
        'grant.unusable': {
          guard: 'isCurrentGrant',
          target: '#needsAttention',
          actions: [noteProblem, grant.stopRefreshTimer],
        },
        'deadline.passed': { target: '#retrying', actions: noteProblem },
      },
    },
  },
});
