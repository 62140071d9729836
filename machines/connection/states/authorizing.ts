import { and } from 'xstate/guards';
import * as attempt from '../attempt.ts';
import type { Origin } from '../context.ts';
import * as grant from '../grant.ts';
import { importInstead } from '../importing.ts';
import { noteProblem } from '../problem.ts';
import { connectionSetup } from '../setup.ts';
import * as step from '../step.ts';
import { takeSettings } from '../tenant-settings.ts';
import { importing } from './importing.ts';

const cameFrom = (...origins: Origin[]) => ({ type: 'cameFrom', params: { origins } }) as const;

/** A person decides at Calendly, or tokens of another system are looked at. Meanwhile everything that a current grant gives goes on. */
export const authorizing = connectionSetup.createStateConfig({
  initial: 'awaitingConsent',
  on: {
    connect: [
      { guard: 'wantsConsent', target: '#awaitingConsent', actions: attempt.replace, reenter: true },
      { guard: 'isRecentlyRefreshed', target: '#provingGrant', actions: [...attempt.abandon, step.beginPass] },
      { target: '#refreshingToken', actions: [...attempt.abandon, step.beginPass] },
    ],
    // The webhook is made anew when the attempt is over, however it ends.
    configure: {
      guard: and(['changesWebhooks', cameFrom('webhooks', 'polling')]),
      actions: [takeSettings, attempt.comeBackTo('reconnecting')],
    },
    'token.refreshRejected': {
      guard: and(['isCurrentGrant', 'hasUsableGrant']),
      actions: [noteProblem, grant.loseGrant, grant.stopRefreshTimer, attempt.comeBackWithoutGrant],
    },
    'grant.recovered': {
      guard: 'isCurrentGrant',
      actions: [grant.takeToken, grant.startRefreshTimer, attempt.comeBackWithGrant],
    },
    // The new consent may solve this, so it goes on. If it comes to nothing, the connection goes to `needsAttention`.
    'grant.unusable': {
      guard: and(['isCurrentGrant', 'isUpkeep']),
      actions: [noteProblem, grant.endUpkeep, grant.stopRefreshTimer, attempt.comeBackTo('needsAttention')],
    },
  },
  states: {
    awaitingConsent: {
      id: 'awaitingConsent',
      entry: [step.nextGeneration, attempt.startConsentTimer],
      exit: step.stopDeadline,
      on: {
        import: [
          { guard: and(['needsConsent', 'bringsGoodToken']), target: '#provingImport', actions: importInstead },
          { guard: 'needsConsent', target: '#refreshingImport', actions: importInstead },
        ],
        'consent.granted': { guard: 'isThisAttempt', target: 'exchangingCode' },
        'consent.denied': { guard: 'isThisAttempt', target: 'returning' },
        'consent.expired': { target: 'returning' },
      },
    },
    exchangingCode: {
      tags: 'waiting',
      entry: [
        step.nextGeneration,
        {
          type: 'exchangeCode',
          params: ({ context }) => ({ attemptId: context.attempt?.id ?? '', generation: context.generation }),
        },
        step.startDeadline,
      ],
      exit: step.stopDeadline,
      on: {
        // The exchange may connect the tenant at any moment, so another `connect` waits for its result.
        connect: [{ guard: 'wantsSwitch', target: '#awaitingConsent', actions: attempt.replace, reenter: true }, {}],
        'token.issued': { target: 'identifyingAccount', actions: attempt.takeCandidate },
        'code.refused': { target: 'returning' },
        'call.failed': { target: 'returning' },
        'deadline.passed': { target: 'returning' },
      },
    },
    identifyingAccount: {
      tags: 'waiting',
      entry: [
        step.nextGeneration,
        {
          type: 'identifyAccount',
          params: ({ context }) => ({ grantId: context.candidate?.id ?? '', generation: context.generation }),
        },
        step.startDeadline,
      ],
      exit: step.stopDeadline,
      on: {
        connect: [{ guard: 'wantsSwitch', target: '#awaitingConsent', actions: attempt.replace, reenter: true }, {}],
        'account.identified': [
          { guard: 'isExpectedAccount', target: '#listing', actions: attempt.accept },
          { target: 'confirmingAccount', actions: attempt.awaitConfirmation },
        ],
        'call.failed': { target: 'returning' },
        'deadline.passed': { target: 'returning' },
      },
    },
    ...importing,
    confirmingAccount: {
      id: 'confirmingAccount',
      entry: [step.nextGeneration, attempt.startConfirmationTimer],
      exit: step.stopDeadline,
      on: {
        'account.confirmed': { guard: 'isPendingAccount', target: '#listing', actions: attempt.accept },
        'account.declined': { guard: 'isPendingAccount', target: 'returning' },
        'confirmation.expired': { target: 'returning' },
      },
    },
    /** Passed through at once. Consent came to nothing, and the connection goes back to where it was. */
    returning: {
      id: 'returning',
      always: [
        { guard: cameFrom('webhooks', 'polling'), target: '#arriving', actions: attempt.abandon },
        { guard: cameFrom('reconnecting'), target: '#provingGrant', actions: [...attempt.abandon, step.beginPass] },
        { guard: cameFrom('retrying'), target: '#retrying', actions: attempt.abandon },
        { guard: cameFrom('needsReauthorization'), target: '#needsReauthorization', actions: attempt.abandon },
        { guard: cameFrom('needsPermission'), target: '#needsPermission', actions: attempt.abandon },
        { guard: cameFrom('needsAttention'), target: '#needsAttention', actions: attempt.abandon },
        { target: '#disconnected', actions: [noteProblem, ...attempt.abandon] },
      ],
    },
  },
});
