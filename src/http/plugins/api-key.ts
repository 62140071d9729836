import { createHash, timingSafeEqual } from 'node:crypto';
import type { FastifyRequest } from 'fastify';
import { ProblemError } from '../../errors.ts';

/** A hook that lets requests with one of the keys pass. Every key is compared, in constant time, so timing tells nothing. */
export function requireApiKey(apiKeys: readonly string[]): (request: FastifyRequest) => Promise<void> {
  const known = apiKeys.map(digest);
  return async (request) => {
    const presented = /^Bearer +(\S+) *$/i.exec(request.headers.authorization ?? '')?.[1];
    const given = digest(presented ?? '');
    const matches = known.map((key) => timingSafeEqual(key, given));
    if (presented === undefined || !matches.includes(true)) {
      throw new ProblemError('api_key_required', undefined, { headers: { 'www-authenticate': 'Bearer' } });
    }
  };
}

const digest = (key: string): Buffer => createHash('sha256').update(key).digest();
