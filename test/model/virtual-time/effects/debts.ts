import { DOUBT_MS } from '../../../../src/grants/refresh-intents.ts';
import { refusal } from '../../events/payloads.ts';
import { isAccessTokenGood, refreshGrant } from '../grant-truth.ts';
import { told, type VirtualEffect } from './run.ts';

/** Life that a token needs for one more call. */
const LIFE_FOR_A_CALL_SECONDS = 30;

/** A 401 is answered with one refresh; then it is believed. */
export const deleteSubscription: VirtualEffect<'deleteSubscription'> = ({ debtId, grantId }, { said, grants, now }) => {
  const grant = grants.get(grantId);
  const cost = { apiCalls: 0, oauthCalls: 0 };
  const isRejected = said.remove?.kind === 'failed' && said.remove.failure.kind === 'unauthorized';
  for (const lastTry of [!isRejected, true]) {
    if (grant === undefined) return told({ type: 'debt.blocked', debtId, problem: refusal('grant_wiped') }, cost);
    if (!isAccessTokenGood(grant, now, LIFE_FOR_A_CALL_SECONDS)) {
      const refreshed = refreshGrant(grant, said, { now, notBefore: now });
      cost.oauthCalls += refreshed.calls;
      if (refreshed.kind === 'busy') return { ...told(null, cost), postponedUntil: refreshed.until };
      if (refreshed.kind === 'failed')
        return told({ type: 'debt.postponed', debtId, failure: refreshed.failure }, cost);
      if (refreshed.kind === 'rejected')
        return told({ type: 'debt.blocked', debtId, problem: refusal('invalid_grant') }, cost);
    }
    cost.apiCalls++;
    grant.isRejected = isRejected;
    if (lastTry) break;
  }
  const answer = said.remove;
  if (answer === null || answer.kind === 'notFound') return told({ type: 'debt.settled', debtId }, cost);
  if (answer.kind === 'failed' && answer.failure.kind !== 'invalid')
    return told({ type: 'debt.postponed', debtId, failure: answer.failure }, cost);
  return told({ type: 'debt.refused', debtId, problem: refusal('not_permitted') }, cost);
};

export const revokeGrant: VirtualEffect<'revokeGrant'> = ({ debtId, grantId }, { said: { revoke }, grants, now }) => {
  const grant = grants.get(grantId);
  if (grant === undefined) return told({ type: 'debt.settled', debtId });
  if (grant.intendedAt !== null && grant.intendedAt + DOUBT_MS > now)
    return { ...told(null), postponedUntil: grant.intendedAt + DOUBT_MS };
  if (revoke === null) {
    grants.delete(grantId);
    return told({ type: 'debt.settled', debtId }, { oauthCalls: 1 });
  }
  const isRefused = revoke.kind === 'invalid' && revoke.code !== 'client_rejected';
  return told(
    isRefused
      ? { type: 'debt.refused', debtId, problem: refusal('not_permitted') }
      : { type: 'debt.postponed', debtId, failure: revoke },
    { oauthCalls: 1 },
  );
};
