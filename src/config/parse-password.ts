import type { Parsed } from './parsed.ts';
import { weaknessOf } from './weak-secret.ts';

/** A password that people type. Its least length is in the settings. */
export function parsePassword(text: string): Parsed<string> {
  const weakness = weaknessOf(text);
  return weakness === null ? { value: text } : { problem: `${weakness}: use \`openssl rand -hex 12\`` };
}
