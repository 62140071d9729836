import { splitList, type Parsed } from './parsed.ts';
import { weaknessOf } from './weak-secret.ts';

const API_KEY_MIN_LENGTH = 16;
export const SCOPES = ['read', 'connect', 'operate', 'tokens', 'admin'] as const;
export type Scope = (typeof SCOPES)[number];

/** Who asks: the name goes into the history and the audit, the scopes say what may be asked. */
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

/** Two colons mean name and scopes: a word that is no scope must not make a key that may do everything. */
function parseKey(entry: string): ApiKey | null {
  const parts = entry.split(':');
  if (parts.length < 3) return { name: 'default', scopes: ['admin'], secret: entry };
  const [name, named, ...rest] = parts as [string, string, ...string[]];
  const scopes = named.split('+');
  const isKnown = (scope: string): scope is Scope => (SCOPES as readonly string[]).includes(scope);
  if (!/^[A-Za-z0-9._-]{1,40}$/.test(name) || !scopes.every(isKnown)) return null;
  return { name, scopes, secret: rest.join(':') };
}
