import { weaknessOf, weaknessOfBytes } from './weak-secret.ts';
import { accessSync, constants } from 'node:fs';
import { createHash, createSecretKey, type KeyObject } from 'node:crypto';
import { WEBHOOK_EVENTS } from './webhook-events.ts';

/** The result of parsing one setting: its value, or what is wrong with it. The message does not repeat the value. */
export type Parsed<T> = Readonly<{ value: T }> | Readonly<{ problem: string }>;

export function splitList(text: string): string[] {
  return [
    ...new Set(
      text
        .split(',')
        .map((item) => item.trim())
        .filter((item) => item !== ''),
    ),
  ];
}

/** `loopback`: http only on this machine. `anywhere`: http everywhere, for the sandbox, which has nothing to protect. */
export type PlainHttp = 'loopback' | 'anywhere';

/** A URL that paths are appended to: no query, fragment, credentials or trailing slash. */
export function parseBaseUrl(text: string, plainHttp: PlainHttp): Parsed<string> {
  if (!URL.canParse(text)) return { problem: 'must be an absolute URL such as https://example.com' };
  const url = new URL(text);
  if (url.protocol !== 'https:' && url.protocol !== 'http:') return { problem: 'must be an http or https URL' };
  if (url.username !== '' || url.password !== '') return { problem: 'must not contain a user name or password' };
  if (/[?#]/.test(text)) return { problem: 'must not contain a query or fragment' };
  if (url.protocol === 'http:' && plainHttp === 'loopback' && !isLoopback(url.hostname)) {
    return { problem: 'must be https (http is accepted for loopback addresses only)' };
  }
  return { value: url.href.replace(/\/+$/, '') };
}

export function isLoopback(hostname: string): boolean {
  return hostname === 'localhost' || hostname === '[::1]' || /^127\.\d+\.\d+\.\d+$/.test(hostname);
}

/** The address that events are posted to, exactly as it is given. Only the operator sets it, and redirects are not followed. */
export function parseEventsUrl(text: string): Parsed<string> {
  if (!URL.canParse(text)) return { problem: 'must be an absolute URL such as https://example.com/calendly-events' };
  const url = new URL(text);
  if (url.username !== '' || url.password !== '') return { problem: 'must not contain a user name or password' };
  if (url.hash !== '') return { problem: 'must not contain a fragment' };
  if (url.protocol === 'https:' || (url.protocol === 'http:' && isLoopback(url.hostname))) return { value: url.href };
  return { problem: 'must be https (http is accepted for loopback addresses only)' };
}

/** Read at each connection; a file that is missing should be told at the start. */
const TLS_FILES = ['sslrootcert', 'sslcert', 'sslkey'];

export function parseDatabaseUrl(text: string): Parsed<string> {
  const isPostgres = URL.canParse(text) && /^postgres(ql)?:$/.test(new URL(text).protocol);
  if (!isPostgres) return { problem: 'must be a postgres:// or postgresql:// URL' };
  for (const name of TLS_FILES) {
    const path = new URL(text).searchParams.get(name);
    if (path === null) continue;
    try {
      accessSync(path, constants.R_OK);
    } catch (error) {
      return { problem: `names a file in ${name} that cannot be read (${(error as NodeJS.ErrnoException).code})` };
    }
  }
  return { value: text };
}

/** Exact origins. A path or a wildcard is refused, because only origins are compared. */
export function parseOrigins(text: string): Parsed<readonly string[]> {
  const origins: string[] = [];
  for (const item of splitList(text)) {
    const origin = URL.canParse(item) && /^https?:/.test(item) ? new URL(item).origin : null;
    if (origin === null || origin.includes('*'))
      return { problem: 'must list http or https origins such as https://app.example.com' };
    if (item.toLowerCase() !== origin && item.toLowerCase() !== `${origin}/`) {
      return { problem: `must list exact origins: only "${origin}", without anything after it` };
    }
    origins.push(origin);
  }
  return origins.length === 0 ? { problem: 'must list at least one origin' } : { value: [...new Set(origins)] };
}

const API_KEY_MIN_LENGTH = 16;
export const SCOPES = ['read', 'connect', 'operate', 'tokens', 'admin'] as const;
export type Scope = (typeof SCOPES)[number];

/** A key of a program. Its name goes into the history and the audit; its scopes say what it may do. */
export interface ApiKey {
  name: string;
  scopes: readonly Scope[];
  secret: string;
}

/** `name:scopes:secret` with scopes joined by `+`, or a bare secret. Visible ASCII only: a key travels in an Authorization header. */
export function parseApiKeys(text: string): Parsed<readonly ApiKey[]> {
  const keys: ApiKey[] = [];
  const entries = splitList(text);
  if (entries.length === 0) return { problem: 'must hold at least one key' };
  for (const [index, entry] of entries.entries()) {
    const place = `(entry ${index + 1})`;
    const key = parseKey(entry);
    if (key === null)
      return { problem: `has a key that is not name:scopes:secret with scopes of ${SCOPES.join('+')} ${place}` };
    const { secret } = key;
    if (secret.length < API_KEY_MIN_LENGTH) {
      return {
        problem: `must have at least ${API_KEY_MIN_LENGTH} characters in each key (entry ${index + 1} has fewer)`,
      };
    }
    if (!/^[\x21-\x7e]+$/.test(secret)) {
      return { problem: `must have only visible ASCII characters without spaces (entry ${index + 1} has others)` };
    }
    const weakness = weaknessOf(secret);
    if (weakness !== null) return { problem: `has a key that ${weakness} ${place}: use \`openssl rand -hex 24\`` };
    if (keys.some((other) => other.secret === secret)) return { problem: `has the same secret twice ${place}` };
    keys.push(key);
  }
  return { value: keys };
}

/** With two colons, an entry has name and scopes. A word that is no scope must not make a key that may do everything. */
function parseKey(entry: string): ApiKey | null {
  const parts = entry.split(':');
  if (parts.length < 3) return { name: 'default', scopes: ['admin'], secret: entry };
  const [name, named, ...rest] = parts as [string, string, ...string[]];
  const scopes = named.split('+');
  const isKnown = (scope: string): scope is Scope => (SCOPES as readonly string[]).includes(scope);
  if (!/^[A-Za-z0-9._-]{1,40}$/.test(name) || !scopes.every(isKnown)) return null;
  return { name, scopes, secret: rest.join(':') };
}

/** A password that people type. The settings say how long it has to be. */
export function parsePassword(text: string): Parsed<string> {
  const weakness = weaknessOf(text);
  return weakness === null ? { value: text } : { problem: `${weakness}: use \`openssl rand -hex 12\`` };
}

export type ApplicationKey = Readonly<{
  /** A fingerprint, to tell keys apart without showing them. */
  id: string;
  of: 'application';
  value: string;
}>;

const SIGNING_KEY_MIN_LENGTH = 16;
const MOST_SIGNING_KEYS = 4;

/** For each key, every delivery costs one more signature, so there can be only two: a key and its successor. */
export function parseSigningKeys(text: string): Parsed<readonly ApplicationKey[]> {
  const keys = splitList(text);
  if (keys.length === 0 || keys.length > MOST_SIGNING_KEYS)
    return { problem: `must hold one to ${MOST_SIGNING_KEYS} keys` };
  for (const [index, key] of keys.entries()) {
    if (!/^[\x21-\x7e]+$/.test(key) || key.length < SIGNING_KEY_MIN_LENGTH) {
      return {
        problem: `must hold keys of at least ${SIGNING_KEY_MIN_LENGTH} visible ASCII characters (entry ${index + 1} is not)`,
      };
    }
  }
  return { value: keys.map((value) => ({ id: fingerprint(value), of: 'application', value })) };
}

const fingerprint = (key: string) => createHash('sha256').update(key).digest('hex').slice(0, 8);

export type EncryptionKey = Readonly<{ id: string; key: KeyObject }>;

/** As KeyObjects, because printing or serialising one does not show its bytes. */
export function parseEncryptionKeys(text: string): Parsed<readonly EncryptionKey[]> {
  const keys: EncryptionKey[] = [];
  for (const [index, item] of splitList(text).entries()) {
    const place = `entry ${index + 1}`;
    const match = /^([A-Za-z0-9_.-]{1,64}):([A-Za-z0-9+/]{43}=?)$/.exec(item);
    if (!match) return { problem: `must be id:base64 of 32 bytes, separated by commas (${place} is not)` };
    const id = match[1]!;
    if (keys.some((key) => key.id === id))
      return { problem: `must have a different id for each key (${place} repeats one)` };
    const bytes = Buffer.from(match[2]!, 'base64');
    const weakness = weaknessOfBytes(bytes);
    if (weakness !== null) return { problem: `has a key that ${weakness} (${place}): use \`openssl rand -base64 32\`` };
    keys.push({ id, key: createSecretKey(bytes) });
  }
  return keys.length === 0 ? { problem: 'must hold at least one key' } : { value: keys };
}

/** As the Standard Webhooks specification has it: `whsec_` and the base64 of 24 to 64 random bytes. */
export function parseEventsSecret(text: string): Parsed<readonly string[]> {
  const secrets = splitList(text);
  if (secrets.length === 0) return { problem: 'must hold at least one secret' };
  for (const [index, secret] of secrets.entries()) {
    const encoded = /^whsec_([A-Za-z0-9+/]+={0,2})$/.exec(secret)?.[1] ?? '';
    const bytes = Buffer.from(encoded, 'base64');
    // Node skips characters that are not base64. The library that signs does not.
    if (bytes.length < 24 || bytes.length > 64 || bytes.toString('base64') !== encoded) {
      return { problem: `must list secrets as whsec_ and the base64 of 24 to 64 bytes (entry ${index + 1} is not)` };
    }
    const weakness = weaknessOfBytes(bytes);
    if (weakness !== null)
      return { problem: `has a secret that ${weakness} (entry ${index + 1}): use \`openssl rand -base64 32\`` };
  }
  return { value: secrets };
}

export function parseScopes(text: string): Parsed<readonly string[]> {
  const scopes = [...new Set(text.split(/\s+/))];
  const wellFormed = scopes.every((scope) => scope === 'default' || /^[a-z_]+:(read|write)$/.test(scope));
  return wellFormed ? { value: scopes } : { problem: 'must be scopes such as users:read, separated by spaces' };
}

/** If a subscription's scope does not allow one of its events, Calendly refuses the whole subscription. So this is checked at the start. */
export function parseWebhookEvents(text: string, scope: 'user' | 'organization'): Parsed<readonly string[]> {
  const events = splitList(text);
  if (events.length === 0) return { problem: 'must name at least one event' };
  const unknown = events.filter((event) => !Object.hasOwn(WEBHOOK_EVENTS, event));
  if (unknown.length > 0) return { problem: `must name events of Calendly (not ${unknown.join(', ')})` };
  const elsewhere = events.filter((event) => !WEBHOOK_EVENTS[event]!.includes(scope));
  if (elsewhere.length > 0)
    return { problem: `names events that a subscription of scope ${scope} cannot have: ${elsewhere.join(', ')}` };
  return { value: events };
}
