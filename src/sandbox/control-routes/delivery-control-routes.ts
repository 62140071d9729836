import type { FastifyInstance } from 'fastify';
import type { Controls } from '../controls/controls.ts';
import type { DeliverySettings } from '../deliveries/settings.ts';
import type { DeliveryStatus } from '../state.ts';
import { readBody } from './read-body.ts';

type Order = 'oldest-first' | 'newest-first';

export function deliveryControlRoutes(server: FastifyInstance, { deliveries }: Controls): void {
  server.get<{ Querystring: { status?: DeliveryStatus; subscription?: string } }>(
    '/sandbox/deliveries',
    async ({ query }) => ({ items: deliveries.list(query) }),
  );
  server.get('/sandbox/deliveries/settings', async () => deliveries.settings());
  server.patch('/sandbox/deliveries/settings', async (request) => {
    deliveries.configure(readBody<Partial<DeliverySettings>>(request));
    return deliveries.settings();
  });
  server.post('/sandbox/deliveries/pause', async () => {
    deliveries.pause();
    return deliveries.settings();
  });
  server.post<{ Querystring: { order?: Order } }>('/sandbox/deliveries/resume', async ({ query }) => {
    await deliveries.resume(query.order);
    return deliveries.settings();
  });
  server.post('/sandbox/deliveries/retry-now', async () => {
    deliveries.retryNow();
    return deliveries.settings();
  });
  server.post<{ Params: { id: string } }>('/sandbox/deliveries/:id/redeliver', async ({ params }, reply) => {
    await deliveries.redeliver(params.id);
    return reply.code(204).send();
  });
}
