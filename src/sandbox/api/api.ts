import type { FastifyInstance } from 'fastify';
import type { SandboxContext } from '../context.ts';
import { RateLimiter } from '../rate-limits.ts';
import { ApiRoutes } from './api-routes.ts';
import { subscriptionRoutes } from './subscription-routes.ts';
import { userRoutes } from './user-routes.ts';

export function addApi(server: FastifyInstance, context: SandboxContext): void {
  const routes = new ApiRoutes(server, context, new RateLimiter());
  userRoutes(routes, context);
  subscriptionRoutes(routes, context);
}
