import type { FastifyInstance } from 'fastify';
import type { SandboxContext } from '../context.ts';
import { RateLimiter } from '../rate-limits.ts';
import { ApiRoutes } from './api-routes.ts';
import { availabilityRoutes } from './availability-routes.ts';
import { eventTypeRoutes } from './event-type-routes.ts';
import { groupRoutes } from './group-routes.ts';
import { invitationRoutes } from './invitation-routes.ts';
import { inviteeRoutes } from './invitee-routes.ts';
import { noShowRoutes } from './no-show-routes.ts';
import { organizationRoutes } from './organization-routes.ts';
import { sampleDataRoute } from './sample-data-route.ts';
import { scheduledEventRoutes } from './scheduled-event-routes.ts';
import { schedulingLinkRoutes } from './scheduling-link-routes.ts';
import { subscriptionRoutes } from './subscription-routes.ts';
import { userRoutes } from './user-routes.ts';

export function addApi(server: FastifyInstance, context: SandboxContext): void {
  const routes = new ApiRoutes(server, context, new RateLimiter());
  userRoutes(routes, context);
  organizationRoutes(routes, context);
  subscriptionRoutes(routes, context);
  sampleDataRoute(routes, context);
  scheduledEventRoutes(routes, context);
  inviteeRoutes(routes, context);
  noShowRoutes(routes, context);
  eventTypeRoutes(routes, context);
  availabilityRoutes(routes, context);
  invitationRoutes(routes, context);
  groupRoutes(routes, context);
  schedulingLinkRoutes(routes, context);
}
