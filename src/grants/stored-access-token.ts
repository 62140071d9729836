import type { Failure, Refusal } from '../../machines/connection/index.ts';
import type { ApiAnswer, ApiClient } from '../calendly/api.ts';
import { clientOfGrant } from './client-of-grant.ts';
import { isAccessTokenGood, readAccessToken, readGrant, rejectAccessToken, type GrantRow } from './grant-rows.ts';
import type { GrantDeps } from './grant-run.ts';

export type StoredToken =
  /** `api`: of the client that the grant was issued to. */
  | { kind: 'token'; accessToken: string; grant: GrantRow; api: ApiClient }
  | { kind: 'failed'; failure: Failure }
  | { kind: 'unusable'; problem: Refusal };

/** The access token as it is stored, for steps whose machine decides about refreshing. */
export async function storedAccessToken(
  { db, box, clients, record, now }: GrantDeps,
  grantId: string,
): Promise<StoredToken> {
  const grant = await readGrant(db, grantId);
  if (grant === undefined)
    return {
      kind: 'unusable',
      problem: { code: 'grant_wiped', message: 'The tokens of this grant are no longer stored.', exchangeId: null },
    };
  const found = clientOfGrant(clients, grant);
  if ('problem' in found) return { kind: 'unusable', problem: found.problem };
  const api = { apiBaseUrl: found.client.apiBaseUrl, record };
  const accessToken = isAccessTokenGood(grant, now(), 1) ? await readAccessToken(db, box, grant) : null;
  return accessToken === null ? { kind: 'failed', failure: expired } : { kind: 'token', accessToken, grant, api };
}

const expired: Failure = {
  kind: 'unauthorized',
  code: 'access_token_expired',
  message: 'The stored access token has expired.',
  exchangeId: null,
  certain: true,
  retryAfterSeconds: 0,
};

/** Notes a 401 on the grant, so that this token is not given out again. */
export async function noteRejection(
  { db, now }: GrantDeps,
  grant: GrantRow,
  answer: ApiAnswer<unknown>,
): Promise<void> {
  if (answer.kind === 'failed' && answer.failure.kind === 'unauthorized') await rejectAccessToken(db, grant, now());
}
