import type { EffectImplementation } from './effect.ts';
import { refreshGrant, scopesOf } from './refresh-grant.ts';

/** Refreshes the grant's tokens. Second run: see `refreshGrant`; tokens refreshed since the request are the answer. */
export const refreshToken: EffectImplementation<'refreshToken'> = async (deps, run, { grantId, generation }) => {
  const refreshed = await refreshGrant(deps, run, { grantId, notBefore: run.requestedAt, generation });
  switch (refreshed.kind) {
    case 'busy': return { postponeUntil: refreshed.until };
    case 'rejected': return { event: { type: 'token.refreshRejected', generation, grantId, problem: refreshed.problem } };
    case 'unusable': return { event: { type: 'grant.unusable', generation, grantId, problem: refreshed.problem } };
    case 'failed': return { event: { type: 'token.refreshFailed', generation, grantId, failure: refreshed.failure } };
    case 'fresh': {
      if (refreshed.reported) return { event: null };
      const { scope, expires_at, refreshed_at } = refreshed.grant;
      const dates = { expiresAt: expires_at.toISOString(), refreshedAt: refreshed_at.toISOString() };
      return { event: { type: 'token.refreshed', generation, grantId, scope: scopesOf(scope), ...dates } };
    }
  }
};
