import { Type } from 'typebox';
import type { App } from '../../web/app-type.ts';
import { connect } from '../../connection/commands/connect.ts';
import { ProblemError } from '../../errors.ts';
import { connectionOf } from '../../connection/reads/connection-of.ts';
import type { HttpDeps } from '../http-deps.ts';
import { keyOf } from '../plugins/api-key.ts';
import { waitSeconds } from '../prefer.ts';
import { TenantParams } from '../../web/tenant-params.ts';
import { ClientName, Connection, failures, nullableText } from '../schemas.ts';

const Body = Type.Union([
  Type.Object(
    {
      returnTo: Type.Optional(Type.String({ maxLength: 2000 })),
      switchAccount: Type.Optional(Type.Boolean()),
      client: Type.Optional(ClientName),
      completion: Type.Optional(
        Type.Literal('host', {
          description:
            '`host`: your product completes the consent, with `…/connection/complete` and the ticket that the browser brings to `returnTo`',
        }),
      ),
    },
    { additionalProperties: false },
  ),
  Type.Null(),
]);
const Answer = Type.Object({ connection: Connection, authorizeUrl: nullableText }, { title: 'ConnectAnswer' });

export function connectRoute(app: App, deps: HttpDeps): void {
  app.post(
    '/v1/tenants/:tenantId/connection/connect',
    {
      schema: {
        operationId: 'connect',
        tags: ['Connections'],
        summary: 'Connect with the stored tokens, or by consent if they do not work',
        params: TenantParams,
        body: Body,
        response: { 200: Answer, 202: Answer, ...failures },
      },
    },
    async (request, reply) => {
      const { tenantId } = request.params;
      const { returnTo, switchAccount = false, client, completion } = request.body ?? {};
      const goBackTo = returnTo === undefined ? null : allowed(returnTo, deps.returnToOrigins);
      const result = await connect(deps, {
        tenantId,
        client,
        switchAccount,
        returnTo: goBackTo,
        completion: completion ?? deps.consentCompletion,
        waitSeconds: waitSeconds(request.headers.prefer),
        cause: { kind: 'route', route: 'connect', key: keyOf(request).name },
      });
      const connection = await connectionOf(deps, tenantId);
      if (result.authorizeUrl !== null) return { connection, authorizeUrl: result.authorizeUrl };
      if (!result.settled) reply.code(202).header('retry-after', '1');
      return { connection, authorizeUrl: null };
    },
  );
}

/**
 * Returns the address as it will be sent. Only exact origins are allowed: no prefix, no user name before the host, no other scheme (`blob:`
 * has an origin, too).
 */
function allowed(returnTo: string, origins: readonly string[]): string {
  const url = URL.parse(returnTo);
  const isAllowed =
    url !== null &&
    /^https?:$/.test(url.protocol) &&
    url.username === '' &&
    url.password === '' &&
    origins.includes(url.origin);
  if (!isAllowed) throw new ProblemError('return_to_not_allowed');
  return url.href;
}
