import type { FastifyInstance } from 'fastify';
import { CLOUDFLARE_REFUSAL } from './cloudflare-refusal.ts';
import type { SandboxContext } from './context.ts';
import { pathOf } from './fault-hooks.ts';

/** Refuses requests by their user agent, as Cloudflare does. `applies` says which requests are checked. */
export function addUserAgentBlock(
  server: FastifyInstance,
  context: SandboxContext,
  applies: (path: string) => boolean,
): void {
  server.addHook('onRequest', async (request, reply) => {
    const agent = (request.headers['user-agent'] ?? '').toLowerCase();
    const isRefused = context.switches.refusedUserAgents.some((part) => agent.includes(part.toLowerCase()));
    if (!isRefused || !applies(pathOf(request))) return;
    // The request never reached Calendly, so the answer has none of Calendly's headers.
    for (const name of Object.keys(reply.getHeaders())) reply.removeHeader(name);
    await reply
      .code(403)
      .headers({ server: 'cloudflare', 'content-type': 'text/plain; charset=UTF-8' })
      .send(CLOUDFLARE_REFUSAL);
  });
}
