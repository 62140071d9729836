import { Socket } from 'node:net';
import { LogController, type FastifyReply, type FastifyRequest } from 'fastify';

/** Asked every few seconds by whoever watches the service. */
const PROBES = /^\/(?:health\/(?:live|ready)|metrics)(?:\?|$)/;

/** One line for each request, when it is answered or its client has left. Probes have theirs at debug. */
export class RequestLog extends LogController {
  constructor() {
    // Requests without a socket come from the demo page, which asks every second.
    super({ disableRequestLogging: ({ raw }) => !(raw.socket instanceof Socket) });
  }

  /** Only for who looks for a request that is never answered. */
  override incomingRequest(request: FastifyRequest): void {
    if (!this.isLogDisabled(request)) request.log.debug({ req: request }, 'incoming request');
  }

  override requestCompleted(error: Error | null | undefined, request: FastifyRequest, reply: FastifyReply): void {
    if (this.isLogDisabled(request)) return;
    const line = { req: request, res: reply, responseTime: Math.round(reply.elapsedTime) };
    // The connection broke while the answer was sent. What failed on our side has a line of its own.
    if (error) request.log.info({ ...line, err: error }, 'request aborted');
    else if (PROBES.test(request.url)) request.log.debug(line, 'request completed');
    else request.log.info(line, 'request completed');
  }

  /** Fastify says nothing of a client that leaves. Of a stream, that is the usual end. */
  watch(request: FastifyRequest, reply: FastifyReply): void {
    reply.raw.once('close', () => {
      if (reply.raw.writableFinished || this.isLogDisabled(request)) return;
      if (reply.raw.headersSent) this.requestCompleted(null, request, reply);
      else request.log.info({ req: request, responseTime: Math.round(reply.elapsedTime) }, 'request aborted');
    });
  }
}
