import type { FastifyInstance } from 'fastify';
import { ProblemError } from '../errors.ts';

/**
 * Refuses addresses with values that PostgreSQL cannot store, before a route sees them: NUL or half a surrogate pair in a text, and numbers
 * that are not whole or too large to be exact (`1e309` is read as infinity, which passes a schema's bounds). `forms`: checks the fields of
 * forms, too. JSON bodies are checked by the patterns of their schemas.
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
  if (Array.isArray(value)) return value.every(isStorable);
  const text = String(value);
  return !text.includes('\u0000') && text.isWellFormed();
}
