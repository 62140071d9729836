import type { FastifyInstance } from 'fastify';
import { ControlError } from '../controls/control-error.ts';
import type { Controls } from '../controls/controls.ts';
import type { FaultInput } from '../faults.ts';
import { readBody } from './read-body.ts';

export function faultControlRoutes(server: FastifyInstance, { faults }: Controls): void {
  server.get('/sandbox/faults', async () => ({ items: faults.list() }));
  server.post('/sandbox/faults', async (request, reply) =>
    reply.code(201).send({ id: faults.add(readBody<FaultInput>(request)) }),
  );
  server.delete('/sandbox/faults', async (_request, reply) => {
    faults.clear();
    return reply.code(204).send();
  });
  server.delete<{ Params: { id: string } }>('/sandbox/faults/:id', async ({ params }, reply) => {
    if (!faults.remove(params.id)) throw new ControlError(404, `There is no fault "${params.id}".`);
    return reply.code(204).send();
  });
}
