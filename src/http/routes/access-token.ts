import { Type } from 'typebox';
import { giveAccessTokens } from '../../connection/commands/give-access-tokens.ts';
import type { App } from '../../web/app-type.ts';
import { TenantParams } from '../../web/tenant-params.ts';
import type { HttpDeps } from '../http-deps.ts';
import { keyOf } from '../plugins/api-key.ts';
import { waitSeconds } from '../prefer.ts';
import { failures, text, time } from '../schemas.ts';

const Answer = Type.Object({ accessToken: text, expiresAt: time }, { title: 'AccessToken' });

export function accessTokenRoute(app: App, deps: HttpDeps): void {
  const giveAccessToken = giveAccessTokens(deps);
  app.get(
    '/v1/tenants/:tenantId/access-token',
    {
      schema: {
        operationId: 'getAccessToken',
        tags: ['Tokens'],
        summary: 'An access token that is valid for at least another minute',
        params: TenantParams,
        response: { 200: Answer, ...failures },
      },
    },
    (request) =>
      giveAccessToken(request.params.tenantId, waitSeconds(request.headers.prefer), {
        kind: 'route',
        route: 'access-token',
        key: keyOf(request).name,
      }),
  );
}
