import { Type } from 'typebox';
import { writeAudit } from '../../access/audit.ts';
import { giveAccessTokens } from '../../connection/commands/give-access-tokens.ts';
import { releaseConnection } from '../../connection/commands/release-connection.ts';
import type { App } from '../../web/app-type.ts';
import { TenantParams } from '../../web/tenant-params.ts';
import type { HttpDeps } from '../http-deps.ts';
import { auditOf } from '../plugins/audit-commands.ts';
import { keyOf } from '../plugins/api-key.ts';
import { waitSeconds } from '../prefer.ts';
import { Connection, Debt, failures, text, time } from '../schemas.ts';

const Answer = Type.Object(
  {
    connection: Connection,
    debts: Type.Array(Debt),
    tokens: Type.Object({ accessToken: text, refreshToken: text, expiresAt: time, scope: text }),
  },
  { title: 'ReleaseAnswer' },
);

export function releaseConnectionRoute(app: App, deps: HttpDeps): void {
  const giveAccessToken = giveAccessTokens(deps);
  app.post(
    '/v1/tenants/:tenantId/connection/release',
    {
      schema: {
        operationId: 'releaseConnection',
        tags: ['Moving'],
        summary: 'Hand out the tokens once, and disconnect without revoking them',
        params: TenantParams,
        response: { 200: Answer, ...failures },
      },
    },
    async (request, reply) => {
      reply.header('cache-control', 'no-store');
      const { connection, tokens } = await releaseConnection(deps, giveAccessToken, {
        tenantId: request.params.tenantId,
        waitSeconds: waitSeconds(request.headers.prefer),
        cause: { kind: 'route', route: 'release', key: keyOf(request).name },
        note: (trx) => writeAudit(trx, auditOf(request, deps, 'done')),
      });
      const expiresAt = tokens.expiresAt.toISOString();
      return { connection, debts: connection.debts, tokens: { ...tokens, expiresAt } };
    },
  );
}
