import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { SandboxContext } from '../context.ts';
import type { RateLimiter } from '../rate-limits.ts';
import { authenticate, type Requester } from './authenticate.ts';
import { requireScopes } from './scopes.ts';

export interface ApiCall {
  requester: Requester;
  request: FastifyRequest;
  reply: FastifyReply;
  params: Record<string, string>;
  query: Record<string, string>;
}

export type ApiHandler = (call: ApiCall) => unknown;

/** Adds API routes. Each checks the bearer token, then its scopes, in the order in which Calendly refuses. */
export class ApiRoutes {
  readonly #server: FastifyInstance;
  readonly #context: SandboxContext;
  readonly #limiter: RateLimiter;

  constructor(server: FastifyInstance, context: SandboxContext, limiter: RateLimiter) {
    this.#server = server;
    this.#context = context;
    this.#limiter = limiter;
  }

  get(url: string, scopes: readonly string[], handler: ApiHandler): void {
    this.#add('GET', url, scopes, handler);
  }

  post(url: string, scopes: readonly string[], handler: ApiHandler): void {
    this.#add('POST', url, scopes, handler);
  }

  delete(url: string, scopes: readonly string[], handler: ApiHandler): void {
    this.#add('DELETE', url, scopes, handler);
  }

  #add(method: 'GET' | 'POST' | 'DELETE', url: string, scopes: readonly string[], handler: ApiHandler): void {
    this.#server.route({
      method,
      url,
      handler: async (request, reply) => {
        const requester = authenticate(this.#context, this.#limiter, request, reply);
        requireScopes(requester.scopes, scopes);
        const params = request.params as Record<string, string>;
        return handler({ requester, request, reply, params, query: lastOfEach(request.query) });
      },
    });
  }
}

/** If a query parameter is repeated, the last one counts, as in Rails. */
function lastOfEach(query: unknown): Record<string, string> {
  const entries = Object.entries(query as Record<string, string | string[]>);
  return Object.fromEntries(entries.map(([name, value]) => [name, [value].flat().at(-1) ?? '']));
}
