import type { Exchange } from '../calendly/exchange.ts';

/** The members that are kept of bodies with secrets. All others are dropped, whether they are known or not. */
const KEPT_OF_OAUTH = new Set([
  'grant_type',
  'token_type',
  'expires_in',
  'created_at',
  'scope',
  'owner',
  'organization',
  'error',
  'error_description',
  'active',
  'exp',
  'iat',
]);
const KEPT_OF_CREATE = new Set([
  'url',
  'events',
  'organization',
  'user',
  'group',
  'scope',
  'resource',
  'uri',
  'callback_url',
  'created_at',
  'updated_at',
  'creator',
  'retry_started_at',
  'state',
  'title',
  'message',
  'details',
  'parameter',
  'code',
  'required_scopes',
]);
const NEVER_KEPT =
  /^(access_token|refresh_token|id_token|token|client_secret|signing_key|code_verifier|authorization|password|secret)$/i;
const KEPT_HEADERS =
  /^(content-type|x-request-id|x-ratelimit-.*|retry-after|date|location|server|x-runtime|cf-ray|www-authenticate)$/i;

const STRUCK = '[redacted]';
const MOST_TEXT = 2_000;
const MOST_BODY = 200_000;
/** No answer of Calendly is this deep. Without the limit, a deeper body would crash the recorder, and the answer would be lost. */
const MOST_DEPTH = 40;

/** A copy that can be stored, shown and logged: no token, code, secret or signing key in any part of it. */
export function redactExchange(exchange: Exchange): Omit<Exchange, 'secrets'> {
  const { secrets, ...kept } = exchange;
  const strike = (text: string) =>
    secrets
      .filter((secret) => secret.length > 5)
      .reduce(
        (result, secret) => result.replaceAll(secret, STRUCK).replaceAll(encodeURIComponent(secret), STRUCK),
        text,
      );
  const body = redactBody(exchange.body, allowedFields(exchange), strike);
  return {
    ...kept,
    path: strike(exchange.path),
    requestBody: redactBody(exchange.requestBody, allowedFields(exchange), strike),
    headers: Object.fromEntries(
      Object.entries(exchange.headers)
        .filter(([name]) => KEPT_HEADERS.test(name))
        .map(([name, value]) => [name, strike(value)]),
    ),
    body: JSON.stringify(body ?? null).length > MOST_BODY ? '[too long to keep]' : body,
  };
}

function allowedFields({ path, method }: Exchange): Set<string> | null {
  if (path.includes('/oauth/')) return KEPT_OF_OAUTH;
  return method === 'POST' && path.endsWith('/webhook_subscriptions') ? KEPT_OF_CREATE : null;
}

function redactBody(value: unknown, allowed: Set<string> | null, strike: (text: string) => string): unknown {
  if (typeof value === 'string')
    return allowed === null ? strike(value).slice(0, MOST_TEXT) : `[text of ${value.length} characters, not kept]`;
  return redactValue(value, allowed, strike);
}

function redactValue(
  value: unknown,
  allowed: Set<string> | null,
  strike: (text: string) => string,
  depth = 0,
): unknown {
  if (depth > MOST_DEPTH) return '[too deep to keep]';
  if (typeof value === 'string') return strike(value);
  if (Array.isArray(value)) return value.map((item) => redactValue(item, allowed, strike, depth + 1));
  if (typeof value !== 'object' || value === null) return value;
  const fields = Object.entries(value).filter(([name]) => allowed === null || allowed.has(name));
  return Object.fromEntries(
    fields.map(([name, item]) => [
      strike(name),
      NEVER_KEPT.test(name) ? STRUCK : redactValue(item, allowed, strike, depth + 1),
    ]),
  );
}
