import { and, not, or } from 'xstate/guards';
import * as attempt from '../attempt.ts';
import { renewToken } from '../grant.ts';
import { noteProblem } from '../problem.ts';
import { connectionSetup } from '../setup.ts';
import * as step from '../step.ts';

const params = ({ context }: { context: { candidate: { id: string } | null; generation: number } }) => ({
  grantId: context.candidate?.id ?? '',
  generation: context.generation,
});
/** The import may connect the tenant at any moment, so a `connect` waits for its result. */
const connect = [{ guard: 'wantsSwitch', target: '#awaitingConsent', actions: attempt.replace }, {}] as const;
const refused = { guard: 'isCandidate', target: '#returning' } as const;
const failed = { target: '#retryingImport', actions: noteProblem } as const;
const refreshed = { guard: 'isCandidate', target: '#provingImport', actions: attempt.takeCandidateToken } as const;

const again = [
  { guard: 'isCandidateTokenGood', target: '#provingImport', actions: step.beginPass },
  { target: '#refreshingImport', actions: step.beginPass },
] as const;

const refreshingImport = connectionSetup.createStateConfig({
  id: 'refreshingImport',
  tags: 'waiting',
  entry: [step.nextGeneration, renewToken, { type: 'refreshToken', params }, step.startDeadline],
  exit: step.stopDeadline,
  on: {
    connect,
    'token.refreshed': refreshed,
    'grant.recovered': refreshed,
    'token.refreshRejected': refused,
    'grant.unusable': refused,
    'token.refreshFailed': failed,
    'deadline.passed': failed,
  },
});

const provingImport = connectionSetup.createStateConfig({
  id: 'provingImport',
  tags: 'waiting',
  entry: [step.nextGeneration, { type: 'identifyAccount', params }, step.startDeadline],
  exit: step.stopDeadline,
  on: {
    connect,
    'account.identified': [
      { guard: 'isExpectedAccount', target: '#listing', actions: attempt.accept },
      { target: '#confirmingAccount', actions: attempt.awaitConfirmation },
    ],
    // The access token is refused, or it may not say whose it is. The answer to a refresh names the owner as well.
    'call.failed': [
      {
        guard: and([not('isRenewed'), or(['isUnauthorized', 'isInvalid'])]),
        target: '#refreshingImport',
        actions: noteProblem,
      },
      failed,
    ],
    'grant.unusable': refused,
    'deadline.passed': failed,
  },
});

/** Tokens are never given up because Calendly fails: after a refresh they may be the only ones. */
const retryingImport = connectionSetup.createStateConfig({
  id: 'retryingImport',
  entry: [step.nextGeneration, step.countFailure, step.startRetryTimer],
  exit: step.stopRetryTimer,
  on: {
    'retry.due': again,
    retry: again,
  },
});

/** Part of `authorizing`: tokens of another system are looked at, and no person is asked. */
export const importing = { refreshingImport, provingImport, retryingImport } as const;
