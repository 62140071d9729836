import { createSecretKey, type KeyObject } from 'node:crypto';
import { splitList, type Parsed } from './parsed.ts';
import { weaknessOfBytes } from './weak-secret.ts';

export type EncryptionKey = Readonly<{ id: string; key: KeyObject }>;

/** As KeyObjects, because their bytes are not shown when one is printed or serialised. */
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
