import type { FastifyInstance } from 'fastify';
import { ProblemError } from '../errors.ts';

/**
 * Text and numbers that PostgreSQL cannot store are refused before a route sees them: NUL or half a surrogate pair in any text, and numbers
 * in an address that are not whole or too large to be exact (`1e309` is read as infinity, and infinity passes a schema's bounds).
 */
export function refuseUnstorable(app: FastifyInstance): void {
  app.addHook('preHandler', async ({ params, query, body }) => {
    const isRefused = ![params, query].every(isStorable) || !isStorableBody(body);
    if (isRefused)
      throw new ProblemError(
        'request_invalid',
        'A text cannot be stored (NUL, half a character), or a number is too large.',
      );
  });
}

function isStorable(value: unknown): boolean {
  if (typeof value === 'number') return Number.isSafeInteger(value);
  return isStorableBody(value, isStorable);
}

/** Numbers of a body are judged by its schema. */
function isStorableBody(value: unknown, ofParts: (part: unknown) => boolean = isStorableBody): boolean {
  if (typeof value === 'string') return !value.includes('\u0000') && value.isWellFormed();
  if (typeof value !== 'object' || value === null || Buffer.isBuffer(value)) return true;
  return Object.entries(value).every(([name, part]) => isStorableBody(name) && ofParts(part));
}
