import type { FastifyInstance } from 'fastify';
import { ProblemError } from '../../errors.ts';

/** How deep a body may be nested; ours are two levels deep. */
const MOST_DEPTH = 20;

/**
 * Text and numbers that PostgreSQL cannot take are refused before a route sees them: NUL in any text, and numbers that are not whole
 * or too large to be exact (`1e309` is read as infinity, and infinity passes a schema's bounds).
 */
export function refuseUnstorable(app: FastifyInstance): void {
  app.addHook('onRequest', async (request) => {
    if (/%00/.test(request.url)) throw new ProblemError('request_invalid', 'The address must not contain NUL.');
  });
  app.addHook('preHandler', async (request) => {
    // A delivery's body is bytes, and is kept as it is.
    for (const part of [request.params, request.query, Buffer.isBuffer(request.body) ? null : request.body]) {
      if (!isStorable(part, 0)) throw new ProblemError('request_invalid', 'A text contains NUL, or a number is too large.');
    }
  });
}

function isStorable(value: unknown, depth: number): boolean {
  if (typeof value === 'string') return !value.includes('\u0000');
  if (typeof value === 'number') return Number.isSafeInteger(value);
  if (typeof value !== 'object' || value === null) return true;
  return depth < MOST_DEPTH && Object.entries(value).every(([name, member]) => isStorable(name, depth) && isStorable(member, depth + 1));
}
