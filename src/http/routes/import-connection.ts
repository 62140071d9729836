import { Type } from 'typebox';
import { importConnection } from '../../connection/commands/import-connection.ts';
import { connectionOf } from '../../connection/reads/connection-of.ts';
import type { App } from '../../web/app-type.ts';
import { TenantParams } from '../../web/tenant-params.ts';
import type { HttpDeps } from '../http-deps.ts';
import { keyOf } from '../plugins/api-key.ts';
import { waitSeconds } from '../prefer.ts';
import { ClientName, ConnectionAnswer, failures } from '../schemas.ts';

const token = Type.String({ minLength: 1, maxLength: 4096, pattern: '^[\\x21-\\x7e]+$' });
const Webhook = Type.Object(
  {
    uri: Type.Optional(
      Type.String({ maxLength: 500, pattern: '^https?://[A-Za-z0-9.:/_-]+/webhook_subscriptions/[A-Za-z0-9-]+$' }),
    ),
    callbackUrl: Type.Optional(Type.String({ maxLength: 2000, pattern: '^https?://[\\x21-\\x7e]+$' })),
  },
  { additionalProperties: false, minProperties: 1 },
);
const Body = Type.Object(
  {
    client: Type.Optional(ClientName),
    refreshToken: token,
    accessToken: Type.Optional(token),
    expiresAt: Type.Optional(Type.String({ format: 'date-time' })),
    scope: Type.Optional(Type.String({ maxLength: 2000, pattern: '^[\\x20-\\x7e]*$' })),
    webhooks: Type.Optional(Type.Array(Webhook, { maxItems: 20 })),
    keepWebhooks: Type.Optional(Type.Boolean()),
  },
  { additionalProperties: false },
);

export function importConnectionRoute(app: App, deps: HttpDeps): void {
  app.post(
    '/v1/tenants/:tenantId/connection/import',
    {
      schema: {
        operationId: 'importConnection',
        tags: ['Moving'],
        summary: 'Connect with the tokens of another system, without consent',
        params: TenantParams,
        body: Body,
        response: { 200: ConnectionAnswer, 202: ConnectionAnswer, ...failures },
      },
    },
    async (request, reply) => {
      const { tenantId } = request.params;
      const { webhooks = [], keepWebhooks = false, ...tokens } = request.body;
      const { settled } = await importConnection(deps, {
        ...tokens,
        tenantId,
        webhooks: keepWebhooks ? [] : webhooks,
        waitSeconds: waitSeconds(request.headers.prefer),
        cause: { kind: 'route', route: 'import', key: keyOf(request).name },
      });
      if (!settled) reply.code(202).header('retry-after', '1');
      return { connection: await connectionOf(deps, tenantId) };
    },
  );
}
