import type { Failure, UnstampedEvent } from '../../../../machines/connection/index.ts';
import type { ApiAnswer } from '../../../../src/calendly/api.ts';
import { refusal, WANTED } from '../../events/payloads.ts';
import { listingOf } from '../../world/truth.ts';
import { failureIn, told, withStoredToken, type VirtualEffect } from './run.ts';

const CODES = { plan: 'plan_refused', scope: 'scope_missing', role: 'role_refused' } as const;

export const listSubscriptions: VirtualEffect<'listSubscriptions'> = ({ grantId, generation }, at) =>
  withStoredToken(
    at,
    grantId,
    (failure) => ({ type: 'call.failed', generation, failure }),
    (note) => {
      const {
        said: { list },
        truth,
        accountUri,
      } = at;
      note(list);
      return told(
        list === null
          ? { type: 'subscriptions.listed', generation, found: listingOf(truth, accountUri, true), wanted: WANTED }
          : refused(list, generation, null),
        { apiCalls: 1 },
      );
    },
  );

export const createSubscription: VirtualEffect<'createSubscription'> = ({ subscriptionId, grantId, generation }, at) =>
  withStoredToken(
    at,
    grantId,
    (failure) => ({ type: 'call.failed', generation, failure }),
    (note) => {
      const {
        said: { create },
        accountUri,
      } = at;
      note(create);
      const uri = `https://api.calendly.com/webhook_subscriptions/${subscriptionId}`;
      return told(
        create === null
          ? { type: 'subscription.created', generation, subscriptionId, uri, grantId, accountUri }
          : create.kind === 'conflict'
            ? { type: 'subscription.conflicted', generation, subscriptionId, problem: refusal('webhook_conflict') }
            : refused(create, generation, subscriptionId),
        { apiCalls: 1 },
      );
    },
  );

export const checkSubscription: VirtualEffect<'checkSubscription'> = ({ grantId, subscriptionId }, at) => {
  const uncheckable = (failure: Failure): UnstampedEvent => ({
    type: 'subscription.uncheckable',
    subscriptionId,
    failure,
  });
  const broken = (reason: string): UnstampedEvent => ({
    type: 'subscription.checked',
    subscriptionId,
    intact: false,
    retryStartedAt: null,
    reason,
  });
  return withStoredToken(at, grantId, uncheckable, (note) => {
    const {
      said: { user, check },
      truth,
    } = at;
    note(user);
    if (user?.kind === 'failed') return told(uncheckable(user.failure), { apiCalls: 1 });
    note(check);
    const event =
      check === null
        ? truth.subscriptions.has(subscriptionId)
          ? null
          : broken('missing')
        : check.kind === 'failed'
          ? uncheckable(check.failure)
          : broken(check.kind === 'notFound' ? 'missing' : 'not_readable');
    return told(event, { apiCalls: 2 });
  });
};

/** A refusal that names its reason, or a call that failed. */
function refused(answer: ApiAnswer<unknown>, generation: number, subscriptionId: string | null): UnstampedEvent {
  if (answer.kind !== 'forbidden')
    return { type: 'call.failed', generation, failure: failureIn(answer, 'request_refused') };
  const { reason, missingScopes } = answer.refused;
  return {
    type: 'permission.refused',
    generation,
    subscriptionId,
    reason,
    missingScopes,
    fallback: null,
    problem: refusal(CODES[reason]),
  };
}
