import { and } from 'xstate/guards';
import * as attempt from '../attempt.ts';
import * as grant from '../grant.ts';
import { noteProblem } from '../problem.ts';
import { connectionSetup } from '../setup.ts';
import * as step from '../step.ts';
import { takeSettings } from '../tenant-settings.ts';
import { failedCall } from './failed-call.ts';

/** A routine refresh failed, and not because of the grant. The access token still lives, so the connection stays connected. */
const failedUpkeep = {
  guard: and(['isRoutine', 'isTokenAlive']),
  target: '#arriving',
  actions: [grant.countRefreshFailure, grant.retryRefreshLater],
} as const;
/** The error state has its own timer, so the refresh timer stops. */
const failedForNow = [noteProblem, grant.countRefreshFailure, grant.stopRefreshTimer];

/** The stored grant is refreshed and tried: when somebody reconnects, when its token ends soon, and when Calendly refused its token. */
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
          // A person asked for it, so a routine refresh becomes a reconnect.
          { guard: 'isRoutine', actions: grant.endRoutine },
        ],
        // After a routine refresh nothing is listed, so it becomes a reconnect.
        configure: { guard: and(['changesWebhooks', 'isRoutine']), actions: [takeSettings, grant.endRoutine] },
        // A refresh is already under way.
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
        // An error state stops the refresh timer. Without a refresh in this pass nothing else would start it again.
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
