import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox';
import fastify, { type FastifyBaseLogger } from 'fastify';
import type { App } from '../web/app-type.ts';
import type { HttpDeps } from '../http/http-deps.ts';
import { describeRoutes } from '../http/plugins/describe-routes.ts';
import type { Tracing } from '../tracing/start-tracing.ts';
import { answer, answerNotFound } from '../web/problems.ts';
import { REQUEST_ID, requestId } from '../web/request-id.ts';
import { RequestLog } from '../web/request-log.ts';
import { refuseForeignHosts } from './refuse-foreign-hosts.ts';
import { refuseUnderPressure } from './refuse-under-pressure.ts';
import { registerRoutes } from '../http/register-routes.ts';
import type { InspectorDeps } from '../inspector/inspector-deps.ts';
import { registerInspector } from '../inspector/register-inspector.ts';
import type { Logger } from '../logger/create-logger.ts';
import type { Metrics } from '../metrics/create-metrics.ts';

/** The time in which a request has to arrive whole. Calendly itself gives up after 15 s. */
const REQUEST_TIMEOUT_MS = 20_000;
const HEADERS_TIMEOUT_MS = 10_000;
const MOST_CONNECTIONS = 10_000;

/** Builds the HTTP interface as an application of its own. It does not listen. */
export async function buildApp(
  deps: HttpDeps,
  inspector: InspectorDeps,
  metrics: Metrics,
  log: Logger,
  { besideSandbox, tracing = null }: { besideSandbox: boolean; tracing?: Tracing | null },
): Promise<App> {
  const requestLog = new RequestLog();
  const app = fastify({
    // Typed as Fastify's own logger. With pino's type, the application's type would differ from that of the scopes below it.
    loggerInstance: log as FastifyBaseLogger,
    logController: requestLog,
    genReqId: requestId,
    // Ids have up to 128 characters. Longer ones must reach the schema, which answers 400.
    routerOptions: { maxParamLength: 512, ignoreTrailingSlash: true },
    frameworkErrors: (error, request, reply) => {
      reply.raw.once('finish', () => requestLog.requestCompleted(null, request as never, reply as never));
      void answer(error, request as never, reply.header(REQUEST_ID, request.id) as never);
    },
    ajv: { customOptions: { removeAdditional: false, coerceTypes: 'array' } },
    forceCloseConnections: true,
    // A client that sends its body slowly, or sends nothing, cannot hold a connection for long.
    requestTimeout: REQUEST_TIMEOUT_MS,
    http: { headersTimeout: HEADERS_TIMEOUT_MS, connectionsCheckingInterval: 2_000 },
  }).withTypeProvider<TypeBoxTypeProvider>();
  app.server.maxConnections = MOST_CONNECTIONS;
  if (tracing !== null) await app.register(tracing.requests);
  app.addHook('onRequest', async (request, reply) => {
    reply.header(REQUEST_ID, request.id);
    requestLog.watch(request, reply);
  });
  answerNotFound(app);
  if (besideSandbox) refuseForeignHosts(app, deps.publicUrl);
  refuseUnderPressure(app);
  await describeRoutes(app);
  await registerRoutes(app, deps, metrics);
  await registerInspector(app, inspector);
  return app;
}
