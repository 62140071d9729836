import { placeBehind, type Facts } from '../facts.ts';
import { calendly, evidenceOfCall, nobody, operator, outcomeOf, type Found, type Rule } from '../rule.ts';

function failing(facts: Facts): Found | null {
  const { context, refresh, failed } = facts;
  if (!context?.grant || context.refreshFailures === 0) return null;
  if (!placeBehind(facts).startsWith('connected')) return null;
  return {
    since: context.grant.refreshedAt,
    words: { outcome: outcomeOf(failed.refresh) },
    evidence: [
      {
        kind: 'refresh',
        at: refresh.failedAt,
        ref: context.grant.id,
        says: `failed attempts in a row: ${context.refreshFailures}`,
      },
      ...evidenceOfCall(failed.refresh),
    ],
  };
}

/** The connection is well, but a refresh of its tokens fails. */
export const tokens: Rule[] = [
  {
    code: 'client_rejected_at_refresh',
    verdict: 'degraded',
    headline: 'Meetings arrive until now, but Calendly refuses the client id or secret when tokens are refreshed.',
    next: operator('Correct CALENDLY_CLIENT_ID and CALENDLY_CLIENT_SECRET, restart, then refresh.', 'refresh'),
    when: (facts) => (facts.failed.refresh?.status === 401 ? failing(facts) : null),
  },
  {
    code: 'token_expired',
    verdict: 'degraded',
    headline:
      'The access token has expired and cannot be refreshed: {outcome}. Deliveries still arrive, but calls to Calendly fail.',
    next: calendly('Wait: the service tries to refresh at least every 15 minutes. Refresh tries at once.', 'refresh'),
    when: (facts) => {
      const expiresAt = facts.context?.grant?.expiresAt;
      if (expiresAt === undefined || expiresAt > facts.now) return null;
      const found = failing(facts);
      return found && { ...found, since: expiresAt };
    },
  },
  {
    code: 'refresh_failing',
    verdict: 'well',
    headline: 'Meetings arrive. Refreshing the tokens fails: {outcome}. The present access token is still valid.',
    next: nobody('Nothing: the service tries again before the token expires.', 'refresh'),
    when: failing,
  },
];
