import * as act from '../actions.ts';
import { connectionSetup } from '../setup.ts';

const toNeedsReauthorization = { target: '#needsReauthorization', actions: [act.noteProblem, act.loseGrant, act.stopRefreshTimer] } as const;
const toNeedsAttention = { target: '#needsAttention', actions: [act.noteProblem, act.retryRefreshLater] } as const;

/** The stored grant is used before anybody is asked for consent; also when its token is due or was rejected. */
export const refreshing = connectionSetup.createStateConfig({
  initial: 'refreshingToken',
  states: {
    refreshingToken: {
      id: 'refreshingToken',
      tags: 'waiting',
      entry: [
        act.nextGeneration,
        { type: 'refreshToken', params: ({ context }) => ({ grantId: context.grant?.id ?? '', generation: context.generation }) },
        act.startDeadline,
      ],
      exit: act.stopDeadline,
      on: {
        connect: [
          { guard: 'wantsSwitch', target: '#awaitingConsent', actions: [act.startAttemptFrom('reconnecting'), act.beginUpkeep] },
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
        'grant.recovered': { guard: 'isCurrentGrant', target: 'provingGrant', actions: [act.takeToken, act.startRefreshTimer] },
        'token.refreshRejected': { guard: 'isCurrentGrant', ...toNeedsReauthorization },
        'grant.unusable': { guard: 'isCurrentGrant', target: '#needsAttention', actions: [act.noteProblem, act.stopRefreshTimer] },
        'token.refreshFailed': [
          { guard: 'isOurFault', ...toNeedsAttention },
          { guard: 'canWaitInWebhooks', target: '#webhooks', actions: act.retryRefreshLater },
          { guard: 'canWaitInPolling', target: '#polling', actions: act.retryRefreshLater },
          { guard: 'isCurrent', target: '#retrying', actions: [act.noteProblem, act.retryRefreshLater] },
        ],
        'deadline.passed': [
          { guard: 'canWaitInWebhooks', target: '#webhooks', actions: act.retryRefreshLater },
          { guard: 'canWaitInPolling', target: '#polling', actions: act.retryRefreshLater },
          { guard: 'isCurrent', target: '#retrying', actions: [act.noteProblem, act.retryRefreshLater] },
        ],
      },
    },
    provingGrant: {
      id: 'provingGrant',
      tags: 'waiting',
      entry: [
        act.nextGeneration,
        { type: 'identifyAccount', params: ({ context }) => ({ grantId: context.grant?.id ?? '', generation: context.generation }) },
        act.startDeadline,
        // It was stopped when the grant could not be used; a grant that is proven again without a refresh needs it again.
        act.startRefreshTimer,
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
        'grant.unusable': { guard: 'isCurrentGrant', target: '#needsAttention', actions: [act.noteProblem, act.stopRefreshTimer] },
        'deadline.passed': { guard: 'isCurrent', target: '#retrying', actions: act.noteProblem },
      },
    },
  },
});
