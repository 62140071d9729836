import type { Failure, Refusal } from '../../machines/connection/index.ts';
import type { ApiAnswer, ApiClient } from '../calendly/api.ts';
import { clientOfGrant } from './client-of-grant.ts';
import { isAccessTokenGood, readAccessToken, readGrant } from './grant-rows.ts';
import type { GrantDeps, GrantRun } from './grant-run.ts';
import { refreshGrant } from './refresh-grant.ts';
import { noteRejection } from './stored-access-token.ts';

/** The least remaining life of a token that is used for a call. */
const LIFE_FOR_A_CALL_SECONDS = 30;

export type Called<T> =
  | { kind: 'answered'; answer: ApiAnswer<T> }
  | { kind: 'busy'; until: Date }
  | { kind: 'failed'; failure: Failure }
  /** The grant has no usable token and cannot get one. */
  | { kind: 'dead'; problem: Refusal };

/**
 * Makes a call for a debt: with the stored token if it is valid, otherwise after a refresh. After a 401 it refreshes once and tries again.
 */
export async function callWithGrant<T>(
  deps: GrantDeps,
  run: GrantRun,
  grantId: string,
  call: (api: ApiClient, accessToken: string) => Promise<ApiAnswer<T>>,
): Promise<Called<T>> {
  for (const lastTry of [false, true]) {
    let grant = await readGrant(deps.db, grantId);
    if (grant !== undefined && !isAccessTokenGood(grant, deps.now(), LIFE_FOR_A_CALL_SECONDS)) {
      const refreshed = await refreshGrant(deps, run, { grantId, notBefore: deps.now(), generation: -1 });
      if (refreshed.kind === 'busy' || refreshed.kind === 'failed') return refreshed;
      if (refreshed.kind !== 'fresh') return { kind: 'dead', problem: refreshed.problem };
      grant = refreshed.grant;
    }
    const accessToken = grant === undefined ? null : await readAccessToken(deps.db, deps.box, grant);
    if (grant === undefined || accessToken === null) {
      return {
        kind: 'dead',
        problem: { code: 'grant_wiped', message: 'The tokens of this grant are no longer stored.', exchangeId: null },
      };
    }
    const found = clientOfGrant(deps.clients, grant);
    if ('problem' in found) return { kind: 'dead', problem: found.problem };
    const answer = await call({ apiBaseUrl: found.client.apiBaseUrl, record: deps.record }, accessToken);
    await noteRejection(deps, grant, answer);
    const rejected = answer.kind === 'failed' && answer.failure.kind === 'unauthorized';
    if (!rejected || lastTry) return { kind: 'answered', answer };
  }
  throw new Error('unreachable');
}
