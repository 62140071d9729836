import type { Outcome } from './exchange.ts';

/** Why a call failed, as the kinds that decide what happens next. Status and shape of the answer decide the kind, never a text. */
export interface CallFailure {
  kind: 'transient' | 'unauthorized' | 'invalid';
  code: string;
  message: string;
  exchangeId: string | null;
  /** True if Calendly has certainly done nothing. */
  certain: boolean;
  retryAfterSeconds: number;
}

/** The longest wait that a header can ask for, so that no answer stops a tenant for ever. */
const MOST_RETRY_AFTER = 3600;

const UNANSWERED = {
  timeout: { code: 'calendly_timeout', message: 'Calendly did not answer in time.', certain: false },
  cut: {
    code: 'calendly_connection_cut',
    message: 'The connection to Calendly broke before its answer.',
    certain: false,
  },
  notSent: { code: 'calendly_unreachable', message: 'The service could not connect to Calendly.', certain: true },
} as const;

export function failureOf(outcome: Outcome): CallFailure {
  const { exchangeId } = outcome;
  if (outcome.kind === 'unanswered') {
    return { kind: 'transient', exchangeId, retryAfterSeconds: 0, ...UNANSWERED[outcome.reason] };
  }
  const { status, body } = outcome;
  const answered = (kind: CallFailure['kind'], code: string, message: string, certain: boolean): CallFailure => ({
    kind,
    code,
    message,
    exchangeId,
    certain,
    retryAfterSeconds: retryAfter(outcome),
  });
  if (status === 401)
    return answered('unauthorized', 'access_token_rejected', 'Calendly refused the access token (401).', true);
  if (status === 429) return answered('transient', 'rate_limited', 'Calendly asks for fewer requests (429).', true);
  if (status >= 500) return answered('transient', 'calendly_error', `Calendly failed with ${status}.`, false);
  // Something in front of Calendly refused it, so the next try may succeed. Whether Calendly got the request is not known.
  if (status === 403 && !isApiError(body)) {
    return answered(
      'transient',
      'forbidden_by_proxy',
      'A proxy in front of Calendly refused the request (403).',
      false,
    );
  }
  if (status === 408) return answered('transient', 'calendly_timeout', 'Calendly gave up waiting (408).', true);
  if (status >= 400)
    return answered('invalid', 'request_refused', `Calendly refused the request with ${status}.`, true);
  if (status >= 300)
    return answered('transient', 'unexpected_redirect', `Calendly answered with a redirect (${status}).`, false);
  return answered('transient', 'unreadable_answer', "Calendly's answer is not in Calendly's format.", false);
}

/** Seconds to wait: `Retry-After` (seconds or date), else `X-RateLimit-Reset` (seconds, not an epoch) on a 429. */
function retryAfter({ status, headers }: Extract<Outcome, { kind: 'answered' }>): number {
  const header = headers.get('retry-after') ?? (status === 429 ? headers.get('x-ratelimit-reset') : null);
  if (header === null) return 0;
  const seconds = /^\d+$/.test(header.trim()) ? Number(header) : (Date.parse(header) - Date.now()) / 1000;
  return Number.isFinite(seconds) ? Math.min(MOST_RETRY_AFTER, Math.max(0, Math.ceil(seconds))) : 0;
}

export interface Refused {
  reason: 'plan' | 'scope' | 'role';
  missingScopes: string[];
}

/** True for Calendly's own JSON. Cloudflare and other proxies answer 403 themselves, with text, HTML or other JSON. */
export function isApiError(body: unknown): body is Record<string, unknown> & { title: string; message: string } {
  return (
    typeof body === 'object' &&
    body !== null &&
    'title' in body &&
    typeof body.title === 'string' &&
    'message' in body &&
    typeof body.message === 'string'
  );
}

/**
 * The three families of Calendly's own 403: a plan without webhooks, a scope that was not granted, a role that is too small.
 * Null for any other 403.
 */
export function refusalOf(outcome: Outcome): Refused | null {
  if (outcome.kind !== 'answered' || outcome.status !== 403 || !isApiError(outcome.body)) return null;
  const { body } = outcome;
  if (Array.isArray(body['required_scopes'])) {
    return { reason: 'scope', missingScopes: body['required_scopes'].filter((scope) => typeof scope === 'string') };
  }
  // Only this word tells that the plan has no webhooks. All known texts have it.
  const plan = /upgrade/i.test(body.message);
  return { reason: plan ? 'plan' : 'role', missingScopes: [] };
}
