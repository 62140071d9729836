import { channel } from 'node:diagnostics_channel';
import type { FastifyInstance } from 'fastify';
import { isAnsweredByFault, pathOf } from './fault-hooks.ts';

/** One answer of the OAuth endpoints or the API, as it is sent. */
export interface PublishedAnswer {
  method: string;
  path: string;
  status: number;
  contentType: string;
  /** The body as text; empty if there is none. */
  body: string;
  /** True if a fault made this answer. Then it says nothing about how Calendly answers. */
  isFault: boolean;
}

export const ANSWERS_CHANNEL = 'calendly-sandbox:answer';

/** Publishes every answer to subscribers in this process. The tests compare the answers with Calendly's own documents. */
export function publishAnswers(server: FastifyInstance, applies: (path: string) => boolean): void {
  const answers = channel(ANSWERS_CHANNEL);
  server.addHook('onSend', async (request, reply, payload) => {
    const path = pathOf(request);
    if (answers.hasSubscribers && applies(path)) {
      answers.publish({
        method: request.method,
        path,
        status: reply.statusCode,
        contentType: String(reply.getHeader('content-type') ?? ''),
        body: typeof payload === 'string' ? payload : '',
        isFault: isAnsweredByFault(request),
      } satisfies PublishedAnswer);
    }
    return payload;
  });
}
