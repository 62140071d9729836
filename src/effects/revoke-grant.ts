import { revokeToken } from '../calendly/oauth.ts';
import { beginRevocation } from '../grants/begin-revocation.ts';
import { clientOfGrant } from '../grants/client-of-grant.ts';
import { readGrant, wipeGrant } from '../grants/grant-rows.ts';
import type { EffectImplementation } from './effect.ts';

/** When to look again at a refresh that is still under way. Its tokens have to be revoked, too. */
const RECHECK_MS = 1_000;

/**
 * Revokes a grant's tokens at Calendly, with former access tokens that are still valid, then wipes them here. Tokens that another system
 * has as well (imported and given up, or handed over) are only wiped. Second run: revokes again, and Calendly answers the same.
 */
export const revokeGrant: EffectImplementation<'revokeGrant'> = async (
  { db, box, clients, record, now },
  run,
  { debtId, grantId },
) => {
  const grant = await readGrant(db, grantId);
  if (grant === undefined || grant.status === 'wiped') return { event: { type: 'debt.settled', debtId } };
  const found = clientOfGrant(clients, grant);
  if ('problem' in found && !grant.shared) {
    const message = `${found.problem.message} Or remove the app in that Calendly account by hand.`;
    return { event: { type: 'debt.blocked', debtId, problem: { ...found.problem, message } } };
  }
  const revocation = await beginRevocation(db, box, grant, now);
  if (revocation.kind === 'busy')
    return { postponeUntil: new Date(Math.min(revocation.until.getTime(), now().getTime() + RECHECK_MS)) };

  // Read it again: a refresh that was under way may have brought tokens that only we have.
  const isShared = (await readGrant(db, grantId))?.shared === true;
  const client = isShared || 'problem' in found ? null : found.client;
  for (const token of client === null ? [] : revocation.tokens) {
    const failure = await revokeToken(client!.oauth, record, run.trace, token);
    if (failure?.kind === 'invalid' && failure.code !== 'client_rejected') {
      return {
        event: {
          type: 'debt.refused',
          debtId,
          problem: {
            code: 'not_permitted',
            message: 'Calendly does not revoke these tokens. Remove the app in that Calendly account.',
            exchangeId: failure.exchangeId,
          },
        },
      };
    }
    if (failure !== null) return { event: { type: 'debt.postponed', debtId, failure } };
  }
  return {
    event: async (trx) => {
      await wipeGrant(trx, grantId, now());
      return { type: 'debt.settled', debtId };
    },
  };
};
