import { splitList, type Parsed } from './parsed.ts';
import { weaknessOf } from './weak-secret.ts';

const API_KEY_MIN_LENGTH = 16;

/** Visible ASCII only: a key travels in an Authorization header. */
export function parseApiKeys(text: string): Parsed<readonly string[]> {
  const keys = splitList(text);
  if (keys.length === 0) return { problem: 'must hold at least one key' };
  for (const [index, key] of keys.entries()) {
    if (key.length < API_KEY_MIN_LENGTH) {
      return {
        problem: `must have at least ${API_KEY_MIN_LENGTH} characters in each key (entry ${index + 1} has fewer)`,
      };
    }
    if (!/^[\x21-\x7e]+$/.test(key)) {
      return { problem: `must have only visible ASCII characters without spaces (entry ${index + 1} has others)` };
    }
    const weakness = weaknessOf(key);
    if (weakness !== null)
      return { problem: `has a key that ${weakness} (entry ${index + 1}): use \`openssl rand -hex 24\`` };
  }
  return { value: keys };
}
