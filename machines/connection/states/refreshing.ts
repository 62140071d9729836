import * as act from '../actions.ts';
import { connectionSetup } from '../setup.ts';

/** Upkeep came to nothing, and that says nothing about the grant: it costs nothing while the access token lives. */
const failedUpkeep = [
  { guard: 'canWaitInWebhooks', target: '#webhooks', actions: [act.countRefreshFailure, act.retryRefreshLater] },
  { guard: 'canWaitInPolling', target: '#polling', actions: [act.countRefreshFailure, act.retryRefreshLater] },
] as const;
/** The error state looks again by itself, and so does nothing else meanwhile. */
const failedForNow = [act.noteProblem, act.countRefreshFailure, act.stopRefreshTimer];

/** The stored grant is used before anybody is asked for consent; also when its token is due or was rejected. */
export const refreshing = connectionSetup.createStateConfig({
  initial: 'refreshingToken',
  states: {
    refreshingToken: {
      id: 'refreshingToken',
      tags: 'waiting',
      entry: [
        act.nextGeneration,
        {
          type: 'refreshToken',
          params: ({ context }) => ({ grantId: context.grant?.id ?? '', generation: context.generation }),
        },
        act.startDeadline,
      ],
      exit: act.stopDeadline,
      on: {
        connect: [
          {
            guard: 'wantsSwitch',
            target: '#awaitingConsent',
            actions: [act.startAttemptFrom('reconnecting'), act.beginUpkeep],
          },
          // A person asked: from here on it is a reconnect, whatever it began as.
          { guard: 'isRoutine', actions: act.endRoutine },
        ],
        // The refresh under way serves whoever asks meanwhile.
        'refresh.due': {},
        'token.needed': {},
        'token.refreshed': [
          { guard: 'isRefreshedForWebhooks', target: '#webhooks', actions: [act.takeToken, act.startRefreshTimer] },
          { guard: 'isRefreshedForPolling', target: '#polling', actions: [act.takeToken, act.startRefreshTimer] },
          { guard: 'isCurrentGrant', target: 'provingGrant', actions: [act.takeToken, act.startRefreshTimer] },
        ],
        'grant.recovered': {
          guard: 'isCurrentGrant',
          target: 'provingGrant',
          actions: [act.takeToken, act.startRefreshTimer],
        },
        'token.refreshRejected': {
          guard: 'isCurrentGrant',
          target: '#needsReauthorization',
          actions: [act.noteProblem, act.loseGrant, act.stopRefreshTimer],
        },
        'grant.unusable': {
          guard: 'isCurrentGrant',
          target: '#needsAttention',
          actions: [act.noteProblem, act.stopRefreshTimer],
        },
        'token.refreshFailed': [
          ...failedUpkeep,
          { guard: 'isOurFault', target: '#needsAttention', actions: failedForNow },
          { guard: 'isCurrent', target: '#retrying', actions: failedForNow },
        ],
        'deadline.passed': [...failedUpkeep, { guard: 'isCurrent', target: '#retrying', actions: failedForNow }],
      },
    },
    provingGrant: {
      id: 'provingGrant',
      tags: 'waiting',
      entry: [
        act.nextGeneration,
        {
          type: 'identifyAccount',
          params: ({ context }) => ({ grantId: context.grant?.id ?? '', generation: context.generation }),
        },
        act.startDeadline,
        // It was stopped when the grant could not be used; a grant that is proven again without a refresh needs it again.
        act.planRefresh,
      ],
      exit: act.stopDeadline,
      on: {
        connect: { guard: 'wantsSwitch', target: '#awaitingConsent', actions: act.startAttemptFrom('reconnecting') },
        'account.identified': { guard: 'isCurrent', target: '#listing', actions: act.identifyGrant },
        'call.failed': [
          { guard: 'needsFreshToken', target: 'refreshingToken', actions: act.renewToken },
          { guard: 'isTokenUseless', target: '#needsReauthorization', actions: act.noteProblem },
          { guard: 'isOurFault', target: '#needsAttention', actions: act.noteProblem },
          { guard: 'isCurrent', target: '#retrying', actions: act.noteProblem },
        ],
        'grant.unusable': {
          guard: 'isCurrentGrant',
          target: '#needsAttention',
          actions: [act.noteProblem, act.stopRefreshTimer],
        },
        'deadline.passed': { guard: 'isCurrent', target: '#retrying', actions: act.noteProblem },
      },
    },
  },
});
