import { randomBytes, randomUUID } from 'node:crypto';
import type { SandboxContext } from './context.ts';

const CAPITALS_AND_DIGITS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';

/** A new id as Calendly makes them: a UUID, or for what is older sixteen capital letters and digits. Both live side by side. */
export function newId({ switches }: SandboxContext): string {
  if (!switches.legacyIds) return randomUUID();
  return Array.from(randomBytes(16), (byte) => CAPITALS_AND_DIGITS[byte % 32]).join('');
}
