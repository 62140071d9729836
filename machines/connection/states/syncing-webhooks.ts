import * as act from '../actions.ts';
import { debtsOfAdoption, debtsOfClearing, debtsOfDraft, debtsOfReplacement } from '../decide.ts';
import { connectionSetup } from '../setup.ts';

const draft = [act.keepDebts(debtsOfDraft), act.draftSubscription];
const settled = [act.backfillAfterSync, act.startWatchTimer];
const params = ({ context }: { context: { grant: { id: string } | null; generation: number } }) => ({
  grantId: context.grant?.id ?? '',
  generation: context.generation,
});

/** One subscription, always: look at what is there, create what is missing, delete what is too much. */
export const syncingWebhooks = connectionSetup.createStateConfig({
  initial: 'listing',
  exit: act.leaveDraft,
  on: {
    connect: { guard: 'wantsSwitch', target: '#awaitingConsent', actions: act.startAttemptFrom('reconnecting') },
    'call.failed': [
      { guard: 'needsFreshToken', target: '#refreshingToken', actions: act.renewToken },
      { guard: 'isTokenUseless', target: '#needsReauthorization', actions: act.noteProblem },
      { guard: 'isOurFault', target: '#needsAttention', actions: act.noteProblem },
      { guard: 'isCurrent', target: '#retrying', actions: act.noteProblem },
    ],
    'permission.refused': [
      { guard: 'lacksPlan', target: '#polling', actions: [act.poll, act.startPollTimer, act.startPlanTimer] },
      { guard: 'canFallBack', target: '.creating', actions: draft, reenter: false },
      { guard: 'isCurrent', target: '#needsPermission', actions: act.noteProblem },
    ],
    'grant.unusable': {
      guard: 'isCurrentGrant',
      target: '#needsAttention',
      actions: [act.noteProblem, act.stopRefreshTimer],
    },
    'deadline.passed': { guard: 'isCurrent', target: '#retrying', actions: act.noteProblem },
  },
  states: {
    listing: {
      id: 'listing',
      tags: 'waiting',
      entry: [act.nextGeneration, { type: 'listSubscriptions', params }, act.startDeadline],
      exit: act.stopDeadline,
      on: {
        'subscriptions.listed': [
          {
            guard: 'canAdopt',
            target: 'retiring',
            actions: [act.noteWanted, act.keepDebts(debtsOfAdoption), act.adoptSubscription],
          },
          {
            guard: 'mustClear',
            target: 'clearing',
            actions: [act.noteWanted, act.keepDebts(debtsOfClearing), act.beginClearing],
          },
          { guard: 'mustGiveUp', target: '#needsAttention', actions: act.noteUnresolvedConflict },
          { guard: 'isCurrent', target: 'creating', actions: [act.noteWanted, ...draft] },
        ],
      },
    },
    clearing: {
      tags: 'waiting',
      entry: [act.nextGeneration, act.startDeadline],
      exit: act.stopDeadline,
      always: [
        { guard: 'isCleared', target: 'creating', actions: draft },
        { guard: 'isClearingFailed', target: '#retrying', actions: act.noteUnresolvedConflict },
      ],
    },
    creating: {
      tags: 'waiting',
      entry: [
        act.nextGeneration,
        {
          type: 'createSubscription',
          params: ({ context }) => ({ ...params({ context }), subscriptionId: context.draft?.id ?? '' }),
        },
        act.startDeadline,
      ],
      exit: act.stopDeadline,
      on: {
        'subscription.created': {
          guard: 'isDraftCreated',
          target: 'retiring',
          actions: [act.keepDebts(debtsOfReplacement), act.takeSubscription],
        },
        'subscription.conflicted': { guard: 'isCurrent', target: 'listing', actions: act.markConflict },
      },
    },
    /** `connected` waits only for the first try of each deletion, and not long. */
    retiring: {
      tags: 'waiting',
      entry: [act.nextGeneration, act.startRetiringDeadline],
      exit: act.stopDeadline,
      always: { guard: 'isRetired', target: '#webhooks', actions: settled },
      on: {
        'deadline.passed': { guard: 'isCurrent', target: '#webhooks', actions: settled },
      },
    },
  },
});
