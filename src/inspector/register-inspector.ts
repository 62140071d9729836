import cookie from '@fastify/cookie';
import formbody from '@fastify/formbody';
import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox';
import type { App } from '../web/app-type.ts';
import { refuseUnstorable } from '../web/refuse-unstorable.ts';
import { assetRoutes } from './asset-files.ts';
import { handleErrors } from './handle-errors.ts';
import type { InspectorDeps } from './inspector-deps.ts';
import { auditOperators } from './audit-operators.ts';
import { requireOwnForm, requireSession } from './request-session.ts';
import { auditPageRoute } from './routes/audit-route.ts';
import { bundleRoutes } from './routes/bundle-routes.ts';
import { commandRoutes } from './routes/command-routes.ts';
import { compareRoutes } from './routes/compare-routes.ts';
import { diagnosesRoute } from './routes/diagnoses-route.ts';
import { tenantListRoutes } from './routes/list-routes.ts';
import { eventRoutes } from './routes/event-routes.ts';
import { liveRoute } from './routes/live-route.ts';
import { loginRoutes } from './routes/login-routes.ts';
import { tenantRoutes } from './routes/tenant-routes.ts';
import { tenantsRoute } from './routes/tenants-route.ts';
import { createSessions } from './sessions.ts';

/** The state inspector below `/inspector`. It has a scope of its own, so its cookies, forms and error pages do not concern other routes. */
export async function registerInspector(app: App, deps: InspectorDeps): Promise<void> {
  const sessions = createSessions(
    deps.encryptionKeys,
    [deps.inspectorPassword, deps.inspectorViewerPassword ?? '', ...deps.apiKeys.map(({ secret }) => secret)].filter(
      (secret) => secret !== '',
    ),
  );
  await app.register(async (inspector) => {
    await inspector.register(cookie);
    await inspector.register(formbody);
    handleErrors(inspector);
    refuseUnstorable(inspector, { forms: true });
    const open = inspector.withTypeProvider<TypeBoxTypeProvider>();
    assetRoutes(open);
    loginRoutes(open, deps, sessions);

    await inspector.register(async (scope) => {
      scope.decorateRequest('inspector', null);
      scope.addHook('onRequest', requireSession(deps, sessions));
      scope.addHook('preValidation', requireOwnForm(sessions));
      scope.addHook('onSend', auditOperators(deps));
      const closed = scope.withTypeProvider<TypeBoxTypeProvider>();
      tenantsRoute(closed, deps);
      diagnosesRoute(closed, deps);
      tenantRoutes(closed, deps);
      tenantListRoutes(closed, deps);
      eventRoutes(closed, deps);
      commandRoutes(closed, deps);
      compareRoutes(closed, deps);
      bundleRoutes(closed, deps);
      liveRoute(closed, deps);
      auditPageRoute(closed, deps);
    });
  });
}
