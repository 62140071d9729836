import { createHash, timingSafeEqual } from 'node:crypto';
import type { ApiKey, Scope } from '../config/parsers.ts';

const digest = (text: string): Buffer => createHash('sha256').update(text).digest();

/** The key with this secret. All keys are compared, each in constant time, so the time that it takes tells nothing. */
export function findKey(keys: readonly ApiKey[], presented: string): ApiKey | null {
  const given = digest(presented);
  return keys.filter(({ secret }) => timingSafeEqual(digest(secret), given))[0] ?? null;
}

export const isSecret = (secret: string, presented: string): boolean =>
  timingSafeEqual(digest(secret), digest(presented)) && secret !== '';

export const mayDo = ({ scopes }: Pick<ApiKey, 'scopes'>, scope: Scope): boolean =>
  scopes.includes('admin') || scopes.includes(scope);

export function bearerOf(authorization: string | undefined): string | null {
  return /^Bearer +(\S+) *$/i.exec(authorization ?? '')?.[1] ?? null;
}
