import type { EffectParams, EffectType, Failure, UnstampedEvent } from '../../../../machines/connection/index.ts';
import type { ApiAnswer } from '../../../../src/calendly/api.ts';
import type { Truth } from '../../world/truth.ts';
import { isAccessTokenGood, type GrantTruth } from '../grant-truth.ts';
import type { SaidByCalendly } from '../said-by-calendly.ts';

/** What one run of an effect came to, and what it cost at Calendly. */
export interface Run {
  /** null: nothing to tell. */
  event: UnstampedEvent | null;
  apiCalls: number;
  oauthCalls: number;
  /** The effect runs again then, instead of being answered. */
  postponedUntil?: number;
}

/** All that an effect finds when it runs. */
export interface Surroundings {
  now: number;
  requestedAt: number;
  accountUri: string | null;
  grants: Map<string, GrantTruth>;
  truth: Truth;
  said: SaidByCalendly;
  fresh(word: string): string;
}

/** What the file of the same name in `src/effects` does, on a truth in memory: the same questions in the same order. */
export type VirtualEffect<T extends EffectType> = (params: EffectParams<T>, at: Surroundings) => Run;

export const told = (
  event: UnstampedEvent | null,
  { apiCalls = 0, oauthCalls = 0 }: { apiCalls?: number; oauthCalls?: number } = {},
): Run => ({ event, apiCalls, oauthCalls });

const expired: Failure = {
  kind: 'unauthorized',
  code: 'access_token_expired',
  message: 'The stored access token has expired.',
  exchangeId: null,
  certain: true,
  retryAfterSeconds: 0,
};

/** For steps that use the access token as it is stored; `note` takes each answer, and remembers a 401. */
export function withStoredToken(
  { grants, now }: Surroundings,
  grantId: string,
  failed: (failure: Failure) => UnstampedEvent,
  use: (note: (answer: ApiAnswer<unknown> | null) => void) => Run,
): Run {
  const grant = grants.get(grantId);
  if (grant === undefined || !isAccessTokenGood(grant, now, 1)) return told(failed(expired));
  return use((answer) => {
    if (answer?.kind === 'failed' && answer.failure.kind === 'unauthorized') grant.isRejected = true;
  });
}

/** What failed, or an answer that says no as one that is our fault. */
export function failureIn(answer: ApiAnswer<unknown>, code: string): Failure {
  return answer.kind === 'failed'
    ? answer.failure
    : { kind: 'invalid', code, message: code, exchangeId: null, certain: true, retryAfterSeconds: 0 };
}
