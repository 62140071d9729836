import { splitList, type Parsed } from './parsed.ts';
import { weaknessOfBytes } from './weak-secret.ts';

/** As the Standard Webhooks specification has it: `whsec_` and the base64 of 24 to 64 random bytes. */
export function parseEventsSecret(text: string): Parsed<readonly string[]> {
  const secrets = splitList(text);
  if (secrets.length === 0) return { problem: 'must hold at least one secret' };
  for (const [index, secret] of secrets.entries()) {
    const encoded = /^whsec_([A-Za-z0-9+/]+={0,2})$/.exec(secret)?.[1] ?? '';
    const bytes = Buffer.from(encoded, 'base64');
    // Node passes over what is not base64; the library that signs does not.
    if (bytes.length < 24 || bytes.length > 64 || bytes.toString('base64') !== encoded) {
      return { problem: `must list secrets as whsec_ and the base64 of 24 to 64 bytes (entry ${index + 1} is not)` };
    }
    const weakness = weaknessOfBytes(bytes);
    if (weakness !== null)
      return { problem: `has a secret that ${weakness} (entry ${index + 1}): use \`openssl rand -base64 32\`` };
  }
  return { value: secrets };
}
