import type { SandboxContext } from './context.ts';
import { HttpError } from './http-error.ts';
import type { Stage } from './state.ts';

const WINDOW_MS = 60_000;
const REQUESTS_PER_MINUTE: Record<Stage, number> = { free: 50, trial: 500, paid: 500 };

export interface RateLimit {
  limit: number;
  remaining: number;
  resetSeconds: number;
}

/** Counts requests per app and user in windows of a minute, as the recorded `x-ratelimit-key` suggests. */
export class RateLimiter {
  readonly #windows = new Map<string, { endsAtMs: number; used: number }>();

  count(context: SandboxContext, key: string, stage: Stage): RateLimit {
    const { apiRateLimit } = context.switches;
    const limit = typeof apiRateLimit === 'number' ? apiRateLimit : REQUESTS_PER_MINUTE[stage];
    const now = context.clock.nowMs();
    let window = this.#windows.get(key);
    if (!window || window.endsAtMs <= now) {
      window = { endsAtMs: now + WINDOW_MS, used: 0 };
      this.#windows.set(key, window);
    }
    const resetSeconds = Math.ceil((window.endsAtMs - now) / 1000);
    if (apiRateLimit !== null && window.used >= limit) throw tooManyRequests(context, limit, resetSeconds);
    window.used += 1;
    return { limit, remaining: Math.max(0, limit - window.used), resetSeconds };
  }
}

/** `X-RateLimit-Reset` is in seconds from now, not an epoch. The body is not documented; here it is an empty object. */
export function tooManyRequests(context: SandboxContext, limit: number, resetSeconds: number): HttpError {
  return new HttpError(
    429,
    {},
    {
      ...rateLimitHeaders({ limit, remaining: 0, resetSeconds }),
      ...(context.switches.retryAfterHeader && { 'retry-after': String(resetSeconds) }),
    },
  );
}

export function rateLimitHeaders({ limit, remaining, resetSeconds }: RateLimit): Record<string, string> {
  return {
    'x-ratelimit-limit': String(limit),
    'x-ratelimit-remaining': String(remaining),
    'x-ratelimit-reset': String(resetSeconds),
  };
}
