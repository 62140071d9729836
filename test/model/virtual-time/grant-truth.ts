import type { Failure } from '../../../machines/connection/index.ts';
import { DOUBT_MS } from '../../../src/grants/refresh-intents.ts';
import { TOKEN_LIFE } from '../events/payloads.ts';
import type { SaidByCalendly } from './said-by-calendly.ts';

/** A grant as its row and Calendly have it; times are milliseconds since 1970. */
export interface GrantTruth {
  expiresAt: number;
  refreshedAt: number;
  /** The access token was refused. */
  isRejected: boolean;
  /** Calendly asked for no refresh until then. */
  notBefore: number;
  /** A presentation that was not answered. */
  intendedAt: number | null;
  /** A presentation of this refresh token was in doubt before. */
  wasInDoubt: boolean;
  isLost: boolean;
}

export type Refreshed =
  | { kind: 'fresh'; calls: number; grant: GrantTruth }
  | { kind: 'busy'; calls: number; until: number }
  | { kind: 'rejected'; calls: number }
  | { kind: 'failed'; calls: number; failure: Failure };

/** What `src/grants/refresh-grant.ts` does, with the same rules in the same order, on a truth in memory. */
export function refreshGrant(
  grant: GrantTruth,
  said: SaidByCalendly,
  { now, notBefore }: { now: number; notBefore: number },
): Refreshed {
  if (grant.isLost) return { kind: 'rejected', calls: 0 };
  if (grant.refreshedAt >= notBefore && !grant.isRejected) return { kind: 'fresh', calls: 0, grant };
  if (grant.notBefore > now) return { kind: 'failed', calls: 0, failure: tooEarly(grant.notBefore - now) };
  if (grant.intendedAt !== null && now < grant.intendedAt + DOUBT_MS)
    return { kind: 'busy', calls: 0, until: grant.intendedAt + DOUBT_MS };
  grant.wasInDoubt ||= grant.intendedAt !== null;
  grant.intendedAt = now;
  const answer = said.refresh;
  if (answer === null || answer.kind === 'issued') {
    Object.assign(grant, newTokens(now));
    return { kind: 'fresh', calls: 1, grant };
  }
  if (answer.kind === 'refused') {
    Object.assign(grant, { intendedAt: null, isLost: true });
    return { kind: 'rejected', calls: 1 };
  }
  const { failure } = answer;
  if (!failure.certain && failure.code !== 'calendly_error' && failure.code !== 'forbidden_by_proxy') {
    return grant.wasInDoubt ? { kind: 'failed', calls: 1, failure } : { kind: 'busy', calls: 1, until: now + DOUBT_MS };
  }
  Object.assign(grant, {
    intendedAt: null,
    notBefore: failure.retryAfterSeconds === 0 ? 0 : now + failure.retryAfterSeconds * 1000,
  });
  return { kind: 'failed', calls: 1, failure };
}

export function newTokens(now: number): GrantTruth {
  return {
    expiresAt: now + TOKEN_LIFE,
    refreshedAt: now,
    isRejected: false,
    notBefore: 0,
    intendedAt: null,
    wasInDoubt: false,
    isLost: false,
  };
}

export const isAccessTokenGood = ({ isRejected, expiresAt }: GrantTruth, now: number, seconds: number): boolean =>
  !isRejected && expiresAt - now > seconds * 1000;

const tooEarly = (ms: number): Failure => ({
  kind: 'transient',
  code: 'rate_limited',
  message: 'Calendly has asked for a pause before the next refresh.',
  exchangeId: null,
  certain: true,
  retryAfterSeconds: Math.max(1, Math.ceil(ms / 1000)),
});
