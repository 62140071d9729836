import formbody from '@fastify/formbody';
import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox';
import type { Metrics } from '../metrics/create-metrics.ts';
import type { App } from '../web/app-type.ts';
import type { HttpDeps } from './http-deps.ts';
import { boundPerKey } from './plugins/bound-per-key.ts';
import { auditCommands } from './plugins/audit-commands.ts';
import { requireApiKey } from './plugins/api-key.ts';
import { handleProblems } from '../web/problems.ts';
import { refuseUnstorable } from '../web/refuse-unstorable.ts';
import { readStrictly } from './plugins/read-strictly.ts';
import { accessTokenRoute } from './routes/access-token.ts';
import { confirmAccountPageRoute, confirmAccountRoute } from './routes/confirm-account.ts';
import { auditRoute } from './routes/audit.ts';
import { scopeOf } from './route-scopes.ts';
import { completeRoute } from './routes/complete.ts';
import { connectRoute } from './routes/connect.ts';
import { connectionRoute } from './routes/connection.ts';
import { diagnosisRoutes } from './routes/diagnosis.ts';
import { disconnectRoutes } from './routes/disconnect.ts';
import { hostEventRoutes } from './routes/host-events.ts';
import { importConnectionRoute } from './routes/import-connection.ts';
import { inviteeRoutes } from './routes/invitees.ts';
import { listRoutes } from './routes/lists.ts';
import { oauthCallbackRoute } from './routes/oauth-callback.ts';
import { operationsRoutes } from './routes/operations.ts';
import { operatorCommandRoutes } from './routes/operator-commands.ts';
import { releaseConnectionRoute } from './routes/release-connection.ts';
import { settingsRoutes } from './routes/settings.ts';
import { webhooksRoute } from './routes/webhooks.ts';

/** Registers all routes, on an application of our own or on a scope of a host's. */
export async function registerRoutes(app: App, deps: HttpDeps, metrics: Metrics): Promise<void> {
  handleProblems(app);

  await app.register(async (scope) => {
    // Answers hold names, addresses and tokens, so no cache may keep them.
    scope.addHook('onRequest', async (_request, reply) => void reply.header('cache-control', 'no-store'));
    scope.decorateRequest('apiKey', null);
    scope.addHook('onRequest', requireApiKey(deps));
    auditCommands(scope, deps);
    boundPerKey(scope, deps.bounds);
    readStrictly(scope);
    refuseUnstorable(scope);
    // Each route's documentation says that it needs a key, because the key is checked here.
    scope.addHook('onRoute', (route) => {
      const ownUrl = route.url.slice(route.prefix.length);
      route.config = { ...route.config, ownUrl };
      route.schema = {
        ...route.schema,
        security: [{ apiKey: [] }],
        description: `Scope \`${scopeOf(route.method, ownUrl)}\`.`,
      };
    });
    const v1 = scope.withTypeProvider<TypeBoxTypeProvider>();
    auditRoute(v1, deps);
    connectRoute(v1, deps);
    completeRoute(v1, deps);
    connectionRoute(v1, deps);
    diagnosisRoutes(v1, deps);
    disconnectRoutes(v1, deps);
    importConnectionRoute(v1, deps);
    releaseConnectionRoute(v1, deps);
    operatorCommandRoutes(v1, deps);
    settingsRoutes(v1, deps);
    accessTokenRoute(v1, deps);
    listRoutes(v1, deps);
    inviteeRoutes(v1, deps);
    hostEventRoutes(v1, deps);
    confirmAccountRoute(v1, deps);
  });

  await app.register(async (scope) => {
    await scope.register(formbody);
    // For every answer, errors too, because the URL contains a code and a state.
    scope.addHook(
      'onRequest',
      async (_request, reply) => void reply.headers({ 'cache-control': 'no-store', 'referrer-policy': 'no-referrer' }),
    );
    const browser = scope.withTypeProvider<TypeBoxTypeProvider>();
    oauthCallbackRoute(browser, deps);
    confirmAccountPageRoute(browser, deps);
  });
  webhooksRoute(app, deps, metrics);
  operationsRoutes(app, deps, metrics);
}
