import { createHash } from 'node:crypto';
import { splitList, type Parsed } from './parsed.ts';

export type ApplicationKey = Readonly<{
  /** A fingerprint, to tell keys apart without showing them. */
  id: string;
  of: 'application';
  value: string;
}>;

const LEAST_LENGTH = 16;
const MOST_KEYS = 4;

/** Each key costs every delivery a signature, so they are few: one, and its successor while the key is changed. */
export function parseSigningKeys(text: string): Parsed<readonly ApplicationKey[]> {
  const keys = splitList(text);
  if (keys.length === 0 || keys.length > MOST_KEYS) return { problem: `must hold one to ${MOST_KEYS} keys` };
  for (const [index, key] of keys.entries()) {
    if (!/^[\x21-\x7e]+$/.test(key) || key.length < LEAST_LENGTH) {
      return {
        problem: `must hold keys of at least ${LEAST_LENGTH} visible ASCII characters (entry ${index + 1} is none)`,
      };
    }
  }
  return { value: keys.map((value) => ({ id: fingerprint(value), of: 'application', value })) };
}

const fingerprint = (key: string) => createHash('sha256').update(key).digest('hex').slice(0, 8);
