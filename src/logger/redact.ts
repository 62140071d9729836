import { cutQueries } from './cut-queries.ts';
import { serializeError } from './serialize-error.ts';

/**
 * Compared in lower case and without separators, so that access_token, accessToken and Access-Token are one key.
 * `state` and `code` are the parameters of the OAuth callback: log a connection's state as `connectionState`.
 */
const SECRET_KEYS = new Set([
  'authorization',
  'proxyauthorization',
  'cookie',
  'setcookie',
  'accesstoken',
  'refreshtoken',
  'idtoken',
  'token',
  'code',
  'authorizationcode',
  'state',
  'codeverifier',
  'clientsecret',
  'signingkey',
  'calendlywebhooksignature',
  'encryptionkeys',
  'apikey',
  'apikeys',
  'password',
  'inspectorpassword',
  'secret',
  'databaseurl',
  'connectionstring',
]);
const QUERY_KEYS = new Set(['query', 'querystring', 'search', 'searchparams']);
const MAX_DEPTH = 10;

const judged = new Map<string, boolean>();
/** Nearly all lines have the same few keys. Those of answers of Calendly are anybody's. */
const MOST_JUDGED = 1_000;

function isSecretKey(key: string): boolean {
  const known = judged.get(key);
  if (known !== undefined) return known;
  const isSecret = SECRET_KEYS.has(key.toLowerCase().replace(/[-_]/g, ''));
  if (judged.size < MOST_JUDGED) judged.set(key, isSecret);
  return isSecret;
}

/**
 * A copy without secrets, at any depth. Only plain objects and arrays are copied, because other objects (a request, a client, a buffer) do
 * not belong into a log line. Keys in `keep` are left to serializers, which choose what is shown.
 */
export function redact(value: unknown, keep: ReadonlySet<string> = new Set(), depth = 0): unknown {
  if (typeof value === 'string') return cutQueries(value);
  if (value === null || typeof value !== 'object') return value;
  if (depth > MAX_DEPTH) return '[deep]';
  if (Array.isArray(value)) return value.map((item) => redact(item, undefined, depth + 1));
  if (value instanceof Error) return serializeError(value);
  if (value instanceof Date) return value;
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype !== Object.prototype && prototype !== null) return `[${value.constructor?.name ?? 'object'}]`;

  const entries = Object.entries(value).map(([key, member]) => {
    if (keep.has(key)) return [key, member];
    if (isSecretKey(key) && member !== null && member !== undefined) return [key, '[redacted]'];
    if (QUERY_KEYS.has(key.toLowerCase())) return [key, '[cut]'];
    // Keys, too, can come from others, in answers of Calendly.
    return [cutQueries(key), redact(member, undefined, depth + 1)];
  });
  return Object.fromEntries(entries);
}
