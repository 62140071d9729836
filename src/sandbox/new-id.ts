import { randomBytes, randomUUID } from 'node:crypto';
import type { SandboxContext } from './context.ts';

const CAPITALS_AND_DIGITS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';

/** A new id in Calendly's form: a UUID, or sixteen capital letters and digits for older objects. Calendly has both. */
export function newId({ switches }: SandboxContext): string {
  if (!switches.legacyIds) return randomUUID();
  return Array.from(randomBytes(16), (byte) => CAPITALS_AND_DIGITS[byte % 32]).join('');
}
