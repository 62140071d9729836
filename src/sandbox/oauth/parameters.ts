import type { FastifyRequest } from 'fastify';

/** The body's fields as strings, in any encoding. If a field is repeated, the last one counts, as in Rails. */
export function parametersOf(request: FastifyRequest): Record<string, string> {
  const parameters: Record<string, string> = {};
  if (typeof request.body !== 'object' || request.body === null) return parameters;
  for (const [name, value] of Object.entries(request.body)) {
    const last: unknown = Array.isArray(value) ? value.at(-1) : value;
    if (typeof last === 'string') parameters[name] = last;
    else if (typeof last === 'number') parameters[name] = String(last);
  }
  return parameters;
}
