import { Type } from 'typebox';
import { disconnect } from '../../connection/commands/disconnect.ts';
import type { App } from '../../web/app-type.ts';
import { TenantParams } from '../../web/tenant-params.ts';
import type { HttpDeps } from '../http-deps.ts';
import { keyOf } from '../plugins/api-key.ts';
import { waitSeconds } from '../prefer.ts';
import { Connection, Debt, failures } from '../schemas.ts';

const Answer = Type.Object({ connection: Connection, debts: Type.Array(Debt) }, { title: 'DisconnectAnswer' });
const ROUTES = [
  {
    url: '/v1/tenants/:tenantId/connection',
    operationId: 'disconnect',
    tag: 'Connections',
    summary: 'Disconnect: delete the webhook, revoke and delete the tokens',
    erase: false,
  },
  {
    url: '/v1/tenants/:tenantId',
    operationId: 'eraseTenant',
    tag: 'Privacy',
    summary: 'Disconnect, and erase the tenant when nothing is left at Calendly',
    erase: true,
  },
] as const;

export function disconnectRoutes(app: App, deps: HttpDeps): void {
  for (const { url, operationId, tag, summary, erase } of ROUTES) {
    app.delete(
      url,
      { schema: { operationId, tags: [tag], summary, params: TenantParams, response: { 200: Answer, ...failures } } },
      async (request) => {
        const connection = await disconnect(deps, {
          tenantId: request.params.tenantId,
          waitSeconds: waitSeconds(request.headers.prefer),
          cause: { kind: 'route', route: erase ? 'erase' : 'disconnect', key: keyOf(request).name },
          erase,
        });
        return { connection, debts: connection.debts };
      },
    );
  }
}
