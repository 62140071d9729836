import formbody from '@fastify/formbody';
import swagger from '@fastify/swagger';
import swaggerUi from '@fastify/swagger-ui';
import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox';
import fastify from 'fastify';
import type { App } from './http/app-type.ts';
import type { HttpDeps } from './http/http-deps.ts';
import { requireApiKey } from './http/plugins/api-key.ts';
import { answer, handleProblems } from './http/plugins/problems.ts';
import { accessTokenRoute } from './http/routes/access-token.ts';
import { confirmAccountPageRoute, confirmAccountRoute } from './http/routes/confirm-account.ts';
import { connectRoute } from './http/routes/connect.ts';
import { connectionRoute } from './http/routes/connection.ts';
import { disconnectRoute } from './http/routes/disconnect.ts';
import { listRoutes } from './http/routes/lists.ts';
import { oauthCallbackRoute } from './http/routes/oauth-callback.ts';
import { operationsRoutes } from './http/routes/operations.ts';
import { operatorCommandRoutes } from './http/routes/operator-commands.ts';
import { webhooksRoute } from './http/routes/webhooks.ts';
import type { Logger } from './logger.ts';
import type { Metrics } from './metrics.ts';

/** Builds the whole HTTP interface; never listens. */
export async function buildApp(deps: HttpDeps, metrics: Metrics, log: Logger): Promise<App> {
  const app = fastify({
    loggerInstance: log,
    // Ids are up to 128 characters, and a longer one deserves its 400 from the schema.
    routerOptions: { maxParamLength: 512, ignoreTrailingSlash: true },
    frameworkErrors: (error, request, reply) => void answer(error, request as never, reply as never),
    ajv: { customOptions: { removeAdditional: false, coerceTypes: 'array' } },
    forceCloseConnections: true,
  }).withTypeProvider<TypeBoxTypeProvider>() as unknown as App;
  handleProblems(app);

  await app.register(swagger, {
    openapi: {
      info: { title: 'Calendly Reconnect', version: '1', description: 'The lifecycle of every tenant\'s Calendly connection.' },
      components: { securitySchemes: { apiKey: { type: 'http', scheme: 'bearer' } } },
    },
  });
  await app.register(swaggerUi, { routePrefix: '/docs' });
  app.get('/openapi.json', { schema: { hide: true } }, () => app.swagger());

  await app.register(async (scope) => {
    scope.addHook('onRequest', requireApiKey(deps.apiKeys));
    // Documented where it is enforced.
    scope.addHook('onRoute', (route) => {
      route.schema = { ...route.schema, security: [{ apiKey: [] }] };
    });
    const v1 = scope.withTypeProvider<TypeBoxTypeProvider>() as unknown as App;
    connectRoute(v1, deps);
    connectionRoute(v1, deps);
    disconnectRoute(v1, deps);
    operatorCommandRoutes(v1, deps);
    accessTokenRoute(v1, deps);
    listRoutes(v1, deps);
    confirmAccountRoute(v1, deps);
  });

  await app.register(async (scope) => {
    await scope.register(formbody);
    const browser = scope.withTypeProvider<TypeBoxTypeProvider>() as unknown as App;
    oauthCallbackRoute(browser, deps);
    confirmAccountPageRoute(browser, deps);
  });
  webhooksRoute(app, deps, metrics);
  operationsRoutes(app, deps, metrics);
  return app;
}
