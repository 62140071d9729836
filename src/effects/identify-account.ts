import type { Account, Failure } from '../../machines/connection/index.ts';
import { fetchUser } from '../calendly/users.ts';
import type { GrantRow } from '../grants/grant-rows.ts';
import { noteRejection, storedAccessToken } from '../grants/stored-access-token.ts';
import type { EffectAnswer, EffectImplementation } from './effect.ts';

/** Asks Calendly whose grant this is (`GET /users/me`). Second run: asks again; that changes nothing at Calendly. */
export const identifyAccount: EffectImplementation<'identifyAccount'> = async (deps, run, { grantId, generation }) => {
  const stored = await storedAccessToken(deps, grantId);
  if (stored.kind === 'unusable')
    return { event: { type: 'grant.unusable', generation, grantId, problem: stored.problem } };
  const failed = (failure: Failure): EffectAnswer => ({ event: { type: 'call.failed', generation, failure } });
  if (stored.kind === 'failed') return failed(stored.failure);

  const { grant, accessToken, api } = stored;
  const answer = await fetchUser(api, run.trace, accessToken);
  await noteRejection(deps, grant, answer);
  if (answer.kind === 'ok') return identified(grant, generation, answer.value);

  // The token answer names the owner, too, which is enough for a new consent. Without the scope `users:read` nothing more is known. A later
  // consent with that scope brings name and e-mail.
  const owner = ownerOf(grant);
  if (owner !== null && (grant.status === 'candidate' || answer.kind === 'forbidden'))
    return identified(grant, generation, owner);
  if (answer.kind === 'failed') return failed(answer.failure);
  return failed({
    kind: 'invalid',
    code: 'user_not_readable',
    message: 'Calendly does not say whose account this is.',
    exchangeId: answer.exchangeId,
    certain: true,
    retryAfterSeconds: 0,
  });
};

function ownerOf({ account_uri, account_email, account_name, organization_uri }: GrantRow): Account | null {
  return account_uri === null
    ? null
    : { uri: account_uri, email: account_email, name: account_name, organization: organization_uri };
}

function identified(grant: GrantRow, generation: number, user: Account): EffectAnswer {
  const account = { ...user, organization: user.organization ?? grant.organization_uri };
  return {
    event: async (trx) => {
      await trx
        .updateTable('oauth_grant')
        .set({
          account_uri: account.uri,
          account_email: account.email,
          account_name: account.name,
          organization_uri: account.organization,
        })
        .where('id', '=', grant.id)
        .execute();
      return { type: 'account.identified', generation, account };
    },
  };
}
