import { accountOf, ana, refusal, SCOPES } from '../../events/payloads.ts';
import { newTokens, refreshGrant } from '../grant-truth.ts';
import { failureIn, told, withStoredToken, type VirtualEffect } from './run.ts';

export const exchangeCode: VirtualEffect<'exchangeCode'> = ({ generation }, { said, grants, now, fresh }) => {
  const cost = { oauthCalls: 1 };
  if (said.exchange?.kind === 'failed')
    return told({ type: 'call.failed', generation, failure: said.exchange.failure }, cost);
  if (said.exchange?.kind === 'refused')
    return told({ type: 'code.refused', generation, problem: refusal('code_refused') }, cost);
  const grantId = fresh('grant');
  const tokens = newTokens(now);
  grants.set(grantId, tokens);
  return told(
    {
      type: 'token.issued',
      generation,
      grantId,
      accountUri: ana.uri,
      organizationUri: ana.organization,
      scope: SCOPES,
      expiresAt: timeOf(tokens.expiresAt),
    },
    cost,
  );
};

export const refreshToken: VirtualEffect<'refreshToken'> = (
  { grantId, generation },
  { said, grants, now, requestedAt },
) => {
  const grant = grants.get(grantId);
  if (grant === undefined)
    return told({ type: 'grant.unusable', generation, grantId, problem: refusal('grant_wiped') });
  const refreshed = refreshGrant(grant, said, { now, notBefore: requestedAt });
  const cost = { oauthCalls: refreshed.calls };
  switch (refreshed.kind) {
    case 'busy':
      return { ...told(null, cost), postponedUntil: refreshed.until };
    case 'rejected':
      return told({ type: 'token.refreshRejected', generation, grantId, problem: refusal('invalid_grant') }, cost);
    case 'failed':
      return told({ type: 'token.refreshFailed', generation, grantId, failure: refreshed.failure }, cost);
    case 'fresh':
      return told(
        {
          type: 'token.refreshed',
          generation,
          grantId,
          scope: SCOPES,
          expiresAt: timeOf(grant.expiresAt),
          refreshedAt: timeOf(grant.refreshedAt),
        },
        cost,
      );
  }
};

export const identifyAccount: VirtualEffect<'identifyAccount'> = ({ grantId, generation }, at) =>
  withStoredToken(
    at,
    grantId,
    (failure) => ({ type: 'call.failed', generation, failure }),
    (note) => {
      const {
        said: { user },
        accountUri,
      } = at;
      note(user);
      // Who declined to show himself is known by the token's answer.
      if (user === null || user.kind === 'forbidden')
        return told({ type: 'account.identified', generation, account: accountOf(accountUri) }, { apiCalls: 1 });
      return told({ type: 'call.failed', generation, failure: failureIn(user, 'user_not_readable') }, { apiCalls: 1 });
    },
  );

const timeOf = (ms: number): string => new Date(ms).toISOString();
