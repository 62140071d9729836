import * as act from '../actions.ts';
import { debtsOfAbandonment, debtsOfAcceptance } from '../decide.ts';
import { connectionSetup } from '../setup.ts';

const abandon = [act.keepDebts(debtsOfAbandonment), act.endAttempt];
const replace = [...abandon, act.replaceAttempt];
const accept = [
  act.keepDebts(debtsOfAcceptance),
  act.stopBackfillOfFormerAccount,
  act.acceptCandidate,
  act.startRefreshTimer,
];

/** A person decides at Calendly. Meanwhile everything that a current grant gives goes on. */
export const authorizing = connectionSetup.createStateConfig({
  initial: 'awaitingConsent',
  on: {
    connect: [
      { guard: 'wantsConsent', target: '#awaitingConsent', actions: replace, reenter: true },
      { guard: 'isRecentlyRefreshed', target: '#provingGrant', actions: [...abandon, act.beginPass] },
      { target: '#refreshingToken', actions: [...abandon, act.beginPass] },
    ],
    'token.refreshRejected': {
      guard: 'isLossOfCurrentGrant',
      actions: [act.noteProblem, act.loseGrant, act.stopRefreshTimer, act.comeBackWithoutGrant],
    },
    'grant.recovered': {
      guard: 'isCurrentGrant',
      actions: [act.takeToken, act.startRefreshTimer, act.comeBackWithGrant],
    },
    // Consent may be the very thing that mends it: it goes on, and leads back there only if it comes to nothing.
    'grant.unusable': {
      guard: 'isUpkeepOfCurrentGrant',
      actions: [act.noteProblem, act.endUpkeep, act.stopRefreshTimer, act.comeBackTo('needsAttention')],
    },
  },
  states: {
    awaitingConsent: {
      id: 'awaitingConsent',
      entry: [act.nextGeneration, act.startConsentTimer],
      exit: act.stopDeadline,
      on: {
        'consent.granted': { guard: 'isThisAttempt', target: 'exchangingCode' },
        'consent.denied': { guard: 'isThisAttempt', target: 'returning' },
        'consent.expired': { guard: 'isCurrent', target: 'returning' },
      },
    },
    exchangingCode: {
      tags: 'waiting',
      entry: [
        act.nextGeneration,
        {
          type: 'exchangeCode',
          params: ({ context }) => ({ attemptId: context.attempt?.id ?? '', generation: context.generation }),
        },
        act.startDeadline,
      ],
      exit: act.stopDeadline,
      on: {
        // The code in hand may connect the tenant any moment: whoever asks now waits for that.
        connect: [{ guard: 'wantsSwitch', target: '#awaitingConsent', actions: replace, reenter: true }, {}],
        'token.issued': { guard: 'isCurrent', target: 'identifyingAccount', actions: act.takeCandidate },
        'code.refused': { guard: 'isCurrent', target: 'returning' },
        'call.failed': { guard: 'isCurrent', target: 'returning' },
        'deadline.passed': { guard: 'isCurrent', target: 'returning' },
      },
    },
    identifyingAccount: {
      tags: 'waiting',
      entry: [
        act.nextGeneration,
        {
          type: 'identifyAccount',
          params: ({ context }) => ({ grantId: context.candidate?.id ?? '', generation: context.generation }),
        },
        act.startDeadline,
      ],
      exit: act.stopDeadline,
      on: {
        connect: [{ guard: 'wantsSwitch', target: '#awaitingConsent', actions: replace, reenter: true }, {}],
        'account.identified': [
          { guard: 'isExpectedAccount', target: '#listing', actions: accept },
          { guard: 'isCurrent', target: 'confirmingAccount', actions: act.awaitConfirmation },
        ],
        'call.failed': { guard: 'isCurrent', target: 'returning' },
        'deadline.passed': { guard: 'isCurrent', target: 'returning' },
      },
    },
    confirmingAccount: {
      entry: [act.nextGeneration, act.startConfirmationTimer],
      exit: act.stopDeadline,
      on: {
        'account.confirmed': { guard: 'isPendingAccount', target: '#listing', actions: accept },
        'account.declined': { guard: 'isPendingAccount', target: 'returning' },
        'confirmation.expired': { guard: 'isCurrent', target: 'returning' },
      },
    },
    /** Passed through at once: consent that came to nothing takes nothing away, the connection is again where it was. */
    returning: {
      always: [
        { guard: 'cameFromWebhooks', target: '#webhooks', actions: abandon },
        { guard: 'cameFromPolling', target: '#polling', actions: abandon },
        { guard: 'cameFromReconnecting', target: '#provingGrant', actions: [...abandon, act.beginPass] },
        { guard: 'cameFromRetrying', target: '#retrying', actions: abandon },
        { guard: 'cameFromNeedsReauthorization', target: '#needsReauthorization', actions: abandon },
        { guard: 'cameFromNeedsPermission', target: '#needsPermission', actions: abandon },
        { guard: 'cameFromNeedsAttention', target: '#needsAttention', actions: abandon },
        { target: '#disconnected', actions: [act.noteProblem, ...abandon] },
      ],
    },
  },
});
