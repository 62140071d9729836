import { operate } from '../../connection/commands/operate.ts';
import { connectionOf } from '../../connection/reads/connection-of.ts';
import { keyOf } from '../plugins/api-key.ts';
import type { App } from '../../web/app-type.ts';
import { TenantParams } from '../../web/tenant-params.ts';
import type { HttpDeps } from '../http-deps.ts';
import { ConnectionAnswer, failures } from '../schemas.ts';

const COMMANDS = [
  { name: 'refresh', operationId: 'refreshTokens', summary: 'Refresh the tokens now' },
  { name: 'resync', operationId: 'resyncWebhooks', summary: 'List the webhooks now, and correct them' },
  { name: 'retry', operationId: 'retryNow', summary: 'Try again now what failed, also debts' },
] as const;

export function operatorCommandRoutes(app: App, deps: HttpDeps): void {
  for (const { name, operationId, summary } of COMMANDS) {
    app.post(
      `/v1/tenants/:tenantId/connection/${name}`,
      {
        schema: {
          operationId,
          tags: ['Operation'],
          summary,
          params: TenantParams,
          response: { 202: ConnectionAnswer, ...failures },
        },
      },
      async (request, reply) => {
        const { tenantId } = request.params;
        await operate(deps, tenantId, name, { kind: 'route', route: name, key: keyOf(request).name });
        return reply.code(202).send({ connection: await connectionOf(deps, tenantId) });
      },
    );
  }
}
