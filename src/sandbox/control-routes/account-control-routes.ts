import type { FastifyInstance } from 'fastify';
import type { AccountChange, Controls, NewAccount } from '../controls/controls.ts';
import { readBody } from './read-body.ts';

export function accountControlRoutes(server: FastifyInstance, { accounts }: Controls): void {
  server.get('/sandbox/accounts', async () => ({ items: accounts.list() }));
  server.get<{ Params: { slug: string } }>('/sandbox/accounts/:slug', async ({ params }) => accounts.get(params.slug));
  server.post('/sandbox/accounts', async (request, reply) =>
    reply.code(201).send(accounts.add(readBody<NewAccount>(request))),
  );
  server.patch<{ Params: { slug: string } }>('/sandbox/accounts/:slug', async (request) =>
    accounts.update(request.params.slug, readBody<AccountChange>(request)),
  );
  server.post<{ Params: { slug: string } }>('/sandbox/accounts/:slug/revoke-login', async ({ params }, reply) => {
    accounts.revokeLogin(params.slug);
    return reply.code(204).send();
  });
}
