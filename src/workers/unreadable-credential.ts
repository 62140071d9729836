import type { Effect, Failure, Refusal, UnstampedEvent } from '../../machines/connection/index.ts';

const problem: Refusal = {
  code: 'credential_unreadable',
  exchangeId: null,
  message:
    'What is stored for this tenant cannot be opened with any of ENCRYPTION_KEYS. Put the missing key back and retry, or connect again.',
};
const failure = (kind: Failure['kind']): Failure => ({ ...problem, kind, certain: true, retryAfterSeconds: 0 });
const debt: Refusal = { ...problem, message: `${problem.message} Or remove what is left at Calendly by hand.` };

/** The answer of an effect whose secret cannot be opened. Trying again does not help, so the answer says what a person can do. */
export function unreadableCredential({ type, params }: Effect): UnstampedEvent {
  switch (type) {
    case 'exchangeCode':
      return { type: 'code.refused', generation: params.generation, problem };
    case 'identifyAccount':
    case 'refreshToken':
    case 'listSubscriptions':
    case 'createSubscription':
      return { type: 'grant.unusable', generation: params.generation, grantId: params.grantId, problem };
    case 'deleteSubscription':
    case 'revokeGrant':
      return { type: 'debt.blocked', debtId: params.debtId, problem: debt };
    case 'checkSubscription':
      return { type: 'subscription.uncheckable', subscriptionId: params.subscriptionId, failure: failure('invalid') };
    case 'backfillMeetings':
      return { type: 'backfill.failed', run: params.run, failure: failure('transient') };
  }
}
