import * as attempt from '../attempt.ts';
import * as backfill from '../backfill.ts';
import * as delivery from '../delivery.ts';
import * as grant from '../grant.ts';
import { noteProblem, noteUnresolvedConflict } from '../problem.ts';
import { connectionSetup } from '../setup.ts';
import * as step from '../step.ts';
import * as sync from '../sync.ts';
import { takeSettings } from '../tenant-settings.ts';
import type { SyncPlan } from '../plan-sync.ts';
import { failedCall } from './failed-call.ts';

const settled = [backfill.afterSync, delivery.startWatchTimer];
const plans = (way: SyncPlan['step']) => ({ type: 'plans', params: { step: way } }) as const;
const params = ({ context }: { context: { grant: { id: string } | null; generation: number } }) => ({
  grantId: context.grant?.id ?? '',
  generation: context.generation,
});

/** Brings it to exactly one subscription: lists ours, creates the one that is missing, and deletes the others. */
export const syncingWebhooks = connectionSetup.createStateConfig({
  initial: 'listing',
  exit: sync.leaveDraft,
  on: {
    connect: { guard: 'wantsSwitch', target: '#awaitingConsent', actions: attempt.startAttemptFrom('reconnecting') },
    // A create that is under way is owed, so whatever it brings is deleted.
    configure: {
      guard: 'changesWebhooks',
      target: '#listing',
      reenter: true,
      actions: [takeSettings, sync.beginAgain],
    },
    'call.failed': failedCall,
    'permission.refused': [
      {
        guard: 'lacksPlan',
        target: '#polling',
        actions: [sync.tryFormerWebhooks, backfill.poll, delivery.startPollTimer, delivery.startPlanTimer],
      },
      { guard: 'canFallBack', target: '.creating', actions: sync.createDraft, reenter: false },
      { target: '#needsPermission', actions: noteProblem },
    ],
    'grant.unusable': {
      guard: 'isCurrentGrant',
      target: '#needsAttention',
      actions: [noteProblem, grant.stopRefreshTimer],
    },
    'deadline.passed': { target: '#retrying', actions: noteProblem },
  },
  states: {
    listing: {
      id: 'listing',
      tags: 'waiting',
      entry: [step.nextGeneration, { type: 'listSubscriptions', params }, step.startDeadline],
      exit: step.stopDeadline,
      on: {
        'subscriptions.listed': [
          {
            guard: plans('adopt'),
            target: 'retiring',
            actions: sync.adopt,
          },
          {
            guard: plans('clear'),
            target: 'clearing',
            actions: sync.clear,
          },
          { guard: plans('giveUp'), target: '#needsAttention', actions: noteUnresolvedConflict },
          { target: 'creating', actions: sync.createDraftFromListing },
        ],
      },
    },
    clearing: {
      tags: 'waiting',
      entry: [step.nextGeneration, step.startDeadline],
      exit: step.stopDeadline,
      always: [
        { guard: 'isCleared', target: 'creating', actions: sync.createDraft },
        { guard: 'isClearingFailed', target: '#retrying', actions: noteUnresolvedConflict },
      ],
    },
    creating: {
      tags: 'waiting',
      entry: [
        step.nextGeneration,
        {
          type: 'createSubscription',
          params: ({ context }) => ({ ...params({ context }), subscriptionId: context.draft?.id ?? '' }),
        },
        step.startDeadline,
      ],
      exit: step.stopDeadline,
      on: {
        'subscription.created': {
          // No guard compares the draft: each draft has a step of its own.
          target: 'retiring',
          actions: sync.replace,
        },
        'subscription.conflicted': { target: 'listing', actions: sync.markConflict },
      },
    },
    /** Waits for the first try of each deletion, for at most `RETIRING_DEADLINE`. */
    retiring: {
      tags: 'waiting',
      entry: [step.nextGeneration, step.startRetiringDeadline],
      exit: step.stopDeadline,
      always: { guard: 'isRetired', target: '#webhooks', actions: settled },
      on: {
        'deadline.passed': { target: '#webhooks', actions: settled },
      },
    },
  },
});
