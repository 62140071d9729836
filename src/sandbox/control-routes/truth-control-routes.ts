import type { FastifyInstance } from 'fastify';
import { ControlError } from '../controls/control-error.ts';
import type { Controls } from '../controls/controls.ts';
import type { Switches } from '../switches.ts';
import { readBody } from './read-body.ts';

type AccountQuery = { Querystring: { account?: string } };

/** What exists at Calendly, which requests came, the switches and the clock. */
export function truthControlRoutes(server: FastifyInstance, controls: Controls): void {
  server.get<AccountQuery>('/sandbox/meetings', async ({ query }) => ({ items: controls.meetings(query.account) }));
  server.get<AccountQuery>('/sandbox/tokens', async ({ query }) => {
    if (!query.account) throw new ControlError(400, 'Name an account.');
    return controls.tokens(query.account);
  });
  server.get('/sandbox/calls', async () => ({ items: controls.calls() }));
  server.delete('/sandbox/calls', async (_request, reply) => {
    controls.clearCalls();
    return reply.code(204).send();
  });
  server.get('/sandbox/switches', async () => controls.switches.get());
  server.patch('/sandbox/switches', async (request) => controls.switches.set(readBody<Partial<Switches>>(request)));
  server.delete('/sandbox/switches', async () => controls.switches.reset());
  server.get('/sandbox/clock', async () => ({ now: controls.clock.now().toISOString() }));
  server.post('/sandbox/clock', async (request) => {
    const { advanceSeconds } = readBody<{ advanceSeconds: number }>(request);
    return { now: controls.clock.advance(advanceSeconds).toISOString() };
  });
}
