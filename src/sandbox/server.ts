import { randomUUID } from 'node:crypto';
import formbody from '@fastify/formbody';
import fastify, { type FastifyError, type FastifyInstance } from 'fastify';
import { internalServerError, invalidArgument, notFound } from './api/api-error.ts';
import { addApi } from './api/api.ts';
import type { SandboxContext } from './context.ts';
import { ControlError } from './controls/control-error.ts';
import { addControlRoutes } from './control-routes/control-routes.ts';
import type { Controls } from './controls/controls.ts';
import { addFaultHooks, pathOf } from './fault-hooks.ts';
import { HttpError } from './http-error.ts';
import { acceptJson, acceptMultipart } from './body-parsers.ts';
import { authorizeRoutes } from './oauth/authorize-routes.ts';
import { introspectRoute } from './oauth/introspect-route.ts';
import { revokeRoute } from './oauth/revoke-route.ts';
import { tokenRoute } from './oauth/token-route.ts';
import { messagePage } from './pages/message-page.ts';
import { addPages } from './pages/pages.ts';
import { sendPage } from './pages/send-page.ts';
import { addPanel } from './panel/panel-routes.ts';
import { publishAnswers } from './publish-answers.ts';
import { rateLimitHeaders } from './rate-limits.ts';
import { refuseForeignSites } from './refuse-foreign-sites.ts';
import { addUserAgentBlock } from './user-agent-block.ts';

/** Paths that only the sandbox has: pages for people, and its controls. */
const ownPaths = /^\/($|(book|d|panel|cancellations|reschedulings|events|sandbox)(\/|$))/;

/** Builds the whole sandbox on one origin. It does not listen yet. */
export function buildServer(context: SandboxContext, controls: Controls): FastifyInstance {
  const server = fastify({
    // Otherwise `close` would wait for a hanging request or an idle connection.
    forceCloseConnections: true,
    genReqId: () => randomUUID(),
    exposeHeadRoutes: false,
    routerOptions: { maxParamLength: 512 },
  });
  refuseForeignSites(
    server,
    () => context.publicUrl,
    (path) => !isCalendlys(path),
  );
  addCallLog(server, context);
  addUserAgentBlock(server, context, (path) => isCalendlys(path) && path !== '/oauth/authorize');
  addFaultHooks(server, context, isCalendlys);
  publishAnswers(server, isCalendlys);
  answerErrors(server, context);
  void server.register(formbody);
  acceptJson(server);
  acceptMultipart(server);
  void server.register(async (scope) => {
    authorizeRoutes(scope, context);
    tokenRoute(scope, context);
    revokeRoute(scope, context);
    introspectRoute(scope, context);
    addApi(scope, context);
    addPages(scope, context);
    addPanel(scope, context, controls);
    addControlRoutes(scope, controls);
  });
  return server;
}

/** True for requests to the OAuth endpoints and the API. They are logged, and faults apply to them. */
function isCalendlys(path: string): boolean {
  return !ownPaths.test(path);
}

function addCallLog(server: FastifyInstance, context: SandboxContext): void {
  server.addHook('onRequest', async (request, reply) => {
    const path = pathOf(request);
    if (!isCalendlys(path)) return;
    const call = context.calls.start(request, context.clock.stamp(), path);
    const startedAt = performance.now();
    reply.raw.once('finish', () => Object.assign(call, { status: reply.raw.statusCode }));
    reply.raw.once('close', () => Object.assign(call, { durationMs: Math.round(performance.now() - startedAt) }));
    reply.headers({
      'x-request-id': request.id,
      'access-control-allow-origin': '*',
      'cache-control': 'max-age=0, private, must-revalidate',
    });
    // These headers are sent before the requester is known. Authentication replaces them.
    if (!path.startsWith('/oauth/')) reply.headers(rateLimitHeaders({ limit: 500, remaining: 499, resetSeconds: 60 }));
  });
}

function answerErrors(server: FastifyInstance, context: SandboxContext): void {
  server.setNotFoundHandler(async (request, reply) =>
    request.method === 'GET' && request.headers.accept?.includes('text/html')
      ? sendPage(reply, messagePage('Nothing is at this address', `There is no page at ${pathOf(request)}.`), 404)
      : reply.code(404).send(notFound().body),
  );
  server.setErrorHandler(async (error: FastifyError | HttpError | ControlError, request, reply) => {
    if (error instanceof HttpError) return reply.code(error.status).headers(error.headers).send(error.body);
    if (error instanceof ControlError) return reply.code(error.status).send({ error: error.message });
    const status = 'statusCode' in error ? (error.statusCode ?? 500) : 500;
    if (status < 500) {
      const isOAuth = pathOf(request).startsWith('/oauth/');
      const description = 'The request could not be read.';
      const body = isOAuth ? { error: 'invalid_request', error_description: description } : invalidArgument([]).body;
      return reply.code(400).send(body);
    }
    context.log.warn({ error: error.message, path: pathOf(request) }, 'The sandbox failed');
    return reply.code(500).send(internalServerError);
  });
}
