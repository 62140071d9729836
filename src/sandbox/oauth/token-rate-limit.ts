import type { SandboxContext } from '../context.ts';
import { tooManyRequests } from '../rate-limits.ts';

const WINDOW_MS = 60_000;

/**
 * "Only 8 OAuth tokens per user can be requested within a span of 1 minute." Counted from the tokens themselves, so that a restart does not
 * reset it. It is checked before the code or refresh token is spent, so these stay valid.
 */
export function limitTokens(context: SandboxContext, user: string): void {
  const limit = context.switches.tokenRateLimit;
  if (limit === null) return;
  const now = context.clock.nowMs();
  const recent = context.state.tokens.filter((record) => record.user === user && record.createdAtMs > now - WINDOW_MS);
  if (recent.length < limit) return;
  const oldest = Math.min(...recent.map((record) => record.createdAtMs), now);
  throw tooManyRequests(context, limit, Math.max(1, Math.ceil((oldest + WINDOW_MS - now) / 1000)));
}
