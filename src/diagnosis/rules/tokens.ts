import { placeBehind, type Facts } from '../facts.ts';
import { calendly, nobody, type Found, type Rule } from '../rule.ts';

function failing(facts: Facts): Found | null {
  const { context, refresh } = facts;
  if (!context?.grant || context.refreshFailures === 0) return null;
  if (!placeBehind(facts).startsWith('connected')) return null;
  return {
    since: context.grant.refreshedAt,
    evidence: [
      {
        kind: 'refresh',
        at: refresh.failedAt,
        ref: context.grant.id,
        says: `${context.refreshFailures} refreshes in a row have failed`,
      },
    ],
  };
}

/** Upkeep of tokens that fails beside a connection that is well. */
export const tokens: Rule[] = [
  {
    code: 'token_expired',
    verdict: 'degraded',
    headline:
      'The access token has expired and cannot be refreshed. Deliveries still arrive, but calls to Calendly fail.',
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
    headline: 'Refreshing the tokens fails. The present access token is still valid.',
    next: nobody('Nothing: the service tries again before the token expires.', 'refresh'),
    when: failing,
  },
];
