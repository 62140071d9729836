import { findEndedAttempt } from '../../grants/consent-attempts.ts';
import type { CommandDeps } from './command-deps.ts';

/** A consent link that is of no more use, and where the person came from who opens it; whoever has its state has been there. */
export interface EndedConsent {
  why: 'used' | 'expired' | 'overtaken';
  returnTo: string | null;
}

/** Null: nothing is known of this `state`. */
export async function endedConsent({ db, now }: CommandDeps, state: string | undefined): Promise<EndedConsent | null> {
  const attempt = state === undefined ? undefined : await findEndedAttempt(db, state);
  if (attempt === undefined) return null;
  const { consumed_at: usedAt, expires_at: expiresAt, return_to: returnTo } = attempt;
  return { why: usedAt !== null ? 'used' : expiresAt <= now() ? 'expired' : 'overtaken', returnTo };
}
