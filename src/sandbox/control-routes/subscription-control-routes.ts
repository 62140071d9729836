import type { FastifyInstance } from 'fastify';
import type { Controls, ForeignSubscription } from '../controls/controls.ts';
import { readBody } from './read-body.ts';

export function subscriptionControlRoutes(server: FastifyInstance, controls: Controls): void {
  server.get<{ Querystring: { account?: string; includeDeleted?: string } }>(
    '/sandbox/subscriptions',
    async ({ query }) => ({
      items: controls.subscriptions({
        ...(query.account !== undefined && { account: query.account }),
        includeDeleted: query.includeDeleted === 'true',
      }),
    }),
  );
  server.post('/sandbox/subscriptions', async (request, reply) =>
    reply.code(201).send(controls.createSubscription(readBody<ForeignSubscription>(request))),
  );
  server.post<{ Params: { uuid: string } }>('/sandbox/subscriptions/:uuid/disable', async ({ params }, reply) => {
    controls.disableSubscription(params.uuid);
    return reply.code(204).send();
  });
  server.delete<{ Params: { uuid: string } }>('/sandbox/subscriptions/:uuid', async ({ params }, reply) => {
    controls.deleteSubscription(params.uuid);
    return reply.code(204).send();
  });
}
