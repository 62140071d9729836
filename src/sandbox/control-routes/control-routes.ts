import type { FastifyInstance } from 'fastify';
import type { Controls } from '../controls/controls.ts';
import { accountControlRoutes } from './account-control-routes.ts';
import { bookingControlRoutes } from './booking-control-routes.ts';
import { deliveryControlRoutes } from './delivery-control-routes.ts';
import { faultControlRoutes } from './fault-control-routes.ts';
import { subscriptionControlRoutes } from './subscription-control-routes.ts';
import { truthControlRoutes } from './truth-control-routes.ts';

/** The controls over HTTP, for people with curl and for programs in another process. */
export function addControlRoutes(server: FastifyInstance, controls: Controls): void {
  const routes: string[] = [];
  server.addHook('onRoute', ({ method, url }) => void routes.push(`${String(method)} ${url}`));
  server.get('/sandbox', async () => ({ routes }));
  accountControlRoutes(server, controls);
  bookingControlRoutes(server, controls);
  subscriptionControlRoutes(server, controls);
  deliveryControlRoutes(server, controls);
  faultControlRoutes(server, controls);
  truthControlRoutes(server, controls);
}
