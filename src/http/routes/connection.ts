import type { App } from '../../web/app-type.ts';
import { connectionOf } from '../../connection/reads/connection-of.ts';
import type { HttpDeps } from '../http-deps.ts';
import { TenantParams } from '../../web/tenant-params.ts';
import { Connection, failures } from '../schemas.ts';

export function connectionRoute(app: App, deps: HttpDeps): void {
  app.get(
    '/v1/tenants/:tenantId/connection',
    {
      schema: {
        operationId: 'getConnection',
        tags: ['Connections'],
        summary: 'The connection as it is now',
        params: TenantParams,
        response: { 200: Connection, ...failures },
      },
    },
    (request) => connectionOf(deps, request.params.tenantId),
  );
}
