import { channel } from 'node:diagnostics_channel';
import type { FastifyInstance } from 'fastify';
import { isAnsweredByFault, pathOf } from './fault-hooks.ts';

/** One answer of the OAuth endpoints or the API, as it leaves. */
export interface PublishedAnswer {
  method: string;
  path: string;
  status: number;
  contentType: string;
  /** As text; empty where there is none. */
  body: string;
  /** A fault made it up: it says nothing about how Calendly answers. */
  isFault: boolean;
}

export const ANSWERS_CHANNEL = 'calendly-sandbox:answer';

/** Tells whoever subscribed in this process of every answer: the tests compare them with Calendly's own documents. */
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
