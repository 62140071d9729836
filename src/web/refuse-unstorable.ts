import type { FastifyInstance } from 'fastify';
import { ProblemError } from '../errors.ts';

/**
 * Text and numbers in an address that PostgreSQL cannot take are refused before a route sees them: NUL in any text, and numbers that
 * are not whole or too large to be exact (`1e309` is read as infinity, and infinity passes a schema's bounds). `forms`: fields, too.
 */
export function refuseUnstorable(app: FastifyInstance, { forms = false } = {}): void {
  app.addHook('preHandler', async ({ params, query, body }) => {
    for (const part of [params, query, forms ? body : null]) {
      if (!Object.values(part ?? {}).every(isStorable))
        throw new ProblemError('request_invalid', 'A text contains NUL, or a number is too large.');
    }
  });
}

function isStorable(value: unknown): boolean {
  if (typeof value === 'number') return Number.isSafeInteger(value);
  return Array.isArray(value) ? value.every(isStorable) : !String(value).includes('\u0000');
}
