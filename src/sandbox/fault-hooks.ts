import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import {
  alreadyExists,
  externalCalendarError,
  internalServerError,
  invalidArgument,
  notFound,
  permissionDenied,
  unauthenticated,
} from './api/api-error.ts';
import type { SandboxContext } from './context.ts';
import type { Fault } from './faults.ts';
import { CLOUDFLARE_REFUSAL } from './cloudflare-refusal.ts';
import { oauthError } from './oauth/oauth-error.ts';
import { wait } from './wait.ts';

/** Requests whose answer is a fault's own. */
const answeredByFault = new WeakSet<FastifyRequest>();

export function isAnsweredByFault(request: FastifyRequest): boolean {
  return answeredByFault.has(request);
}

/** Applies faults before or after the work of a request. `strikes` says which requests they can apply to. */
export function addFaultHooks(
  server: FastifyInstance,
  context: SandboxContext,
  strikes: (path: string) => boolean,
): void {
  const afterWork = new WeakMap<FastifyRequest, Fault>();

  server.addHook('onRequest', async (request, reply) => {
    const path = pathOf(request);
    const fault = strikes(path) ? context.faults.take(request.method, path) : null;
    if (!fault) return;
    context.calls.note(request, { fault: fault.id });
    if (fault.kind === 'dropAfterWork' || fault.kind === 'delayAfterWork') afterWork.set(request, fault);
    else await strikeBeforeWork(context, fault, path, request, reply);
  });

  // The work is done and saved here. Only the answer is late or lost.
  server.addHook('onSend', async (request, _reply, payload) => {
    const fault = afterWork.get(request);
    if (fault?.kind === 'dropAfterWork') request.raw.socket.destroy();
    if (fault?.kind === 'delayAfterWork') await wait(fault.ms, context.stopping);
    return payload;
  });
}

export function pathOf(request: FastifyRequest): string {
  return request.url.split('?', 1)[0]!;
}

async function strikeBeforeWork(
  context: SandboxContext,
  fault: Exclude<Fault, { kind: 'dropAfterWork' | 'delayAfterWork' }>,
  path: string,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<void> {
  if (fault.kind !== 'delay') answeredByFault.add(request);
  switch (fault.kind) {
    case 'delay':
      await wait(fault.ms, context.stopping);
      // The sandbox was stopped meanwhile. Do no work any more, because no answer can be sent.
      if (context.stopping.aborted) reply.hijack();
      return;
    case 'drop':
      reply.hijack();
      request.raw.socket.destroy();
      return;
    case 'hang':
      // The request is read to its end and never answered. When the sandbox stops, it closes the connection.
      reply.hijack();
      request.raw.resume();
      return;
    case 'garbage':
      await reply.type('text/html; charset=utf-8').send('<!doctype html><title>Scheduled maintenance</title>');
      return;
    case 'blocked':
      await reply.code(403).type('text/plain; charset=UTF-8').header('server', 'cloudflare').send(CLOUDFLARE_REFUSAL);
      return;
    case 'respond':
      await reply
        .code(fault.status)
        .type('application/json; charset=utf-8')
        .headers(fault.headers ?? {})
        .send(bodyText(fault.body === undefined ? usualBody(fault.status, path) : fault.body));
  }
}

function bodyText(body: unknown): string {
  return typeof body === 'string' ? body : JSON.stringify(body);
}

/** Calendly's usual body for this status, for faults without a body of their own. */
function usualBody(status: number, path: string): unknown {
  if (path.startsWith('/oauth/') && status === 400) return oauthError('invalid_grant').body;
  if (path.startsWith('/oauth/') && status === 401) return oauthError('invalid_client').body;
  switch (status) {
    case 400:
      return invalidArgument([]).body;
    case 401:
      return unauthenticated('is invalid').body;
    case 403:
      return permissionDenied().body;
    case 404:
      return notFound().body;
    case 409:
      return alreadyExists().body;
    case 424:
      return externalCalendarError;
    default:
      return status >= 500 ? internalServerError : {};
  }
}
