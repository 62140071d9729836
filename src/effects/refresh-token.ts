import type { UnstampedEvent } from '../../machines/connection/index.ts';
import { readGrant, type GrantRow } from '../grants/grant-rows.ts';
import type { EffectImplementation } from './effect.ts';
import { refreshGrant, scopesOf } from '../grants/refresh-grant.ts';

/** Refreshes the grant's tokens. Second run: see `refreshGrant`; tokens refreshed since the request are the answer. */
export const refreshToken: EffectImplementation<'refreshToken'> = async (deps, run, { grantId, generation }) => {
  const refreshed = await refreshGrant(deps, run, { grantId, notBefore: run.requestedAt, generation });
  switch (refreshed.kind) {
    case 'busy':
      return { postponeUntil: refreshed.until };
    case 'rejected':
      return {
        event: refreshed.reported
          ? null
          : async (trx) => {
              // A late answer may have stored good tokens after the refusal was stored.
              const grant = await readGrant(trx, grantId);
              if (grant !== undefined && grant.status !== 'wiped' && grant.lost_at === null)
                return freshAgain(grant, generation);
              return { type: 'token.refreshRejected', generation, grantId, problem: refreshed.problem };
            },
      };
    case 'unusable':
      return { event: { type: 'grant.unusable', generation, grantId, problem: refreshed.problem } };
    case 'failed':
      return { event: { type: 'token.refreshFailed', generation, grantId, failure: refreshed.failure } };
    case 'fresh':
      return { event: refreshed.reported ? null : freshAgain(refreshed.grant, generation) };
  }
};

function freshAgain(
  { id: grantId, scope, expires_at: expiresAt, refreshed_at: refreshedAt }: GrantRow,
  generation: number,
): UnstampedEvent {
  return {
    type: 'token.refreshed',
    generation,
    grantId,
    scope: scopesOf(scope),
    expiresAt: expiresAt.toISOString(),
    refreshedAt: refreshedAt.toISOString(),
  };
}
