import { Type } from 'typebox';
import type { App } from '../app-type.ts';
import { connect } from '../../connection/connect.ts';
import { ProblemError } from '../../errors.ts';
import { assertMayAct, connectionOf } from '../connection-answer.ts';
import type { HttpDeps } from '../http-deps.ts';
import { waitSeconds } from '../prefer.ts';
import { Connection, failures, TenantParams } from '../schemas.ts';

const Body = Type.Union([
  Type.Object({ returnTo: Type.Optional(Type.String({ maxLength: 2000 })), switchAccount: Type.Optional(Type.Boolean()) }, { additionalProperties: false }),
  Type.Null(),
]);
const Answer = Type.Object({ connection: Connection, authorizeUrl: Type.Union([Type.String(), Type.Null()]) });

export function connectRoute(app: App, deps: HttpDeps): void {
  app.post('/v1/tenants/:tenantId/connection/connect', {
    schema: {
      summary: 'Connect: with the stored grant if it works, else by consent',
      params: TenantParams, body: Body, response: { 200: Answer, 202: Answer, ...failures },
    },
  }, async (request, reply) => {
    assertMayAct(deps);
    const { tenantId } = request.params;
    const { returnTo, switchAccount = false } = request.body ?? {};
    if (returnTo !== undefined && !isAllowed(returnTo, deps.returnToOrigins)) throw new ProblemError('return_to_not_allowed');
    const result = await connect(deps, {
      tenantId, switchAccount, returnTo: returnTo ?? null, waitSeconds: waitSeconds(request.headers.prefer),
      cause: { kind: 'route', route: 'connect' },
    });
    const connection = await connectionOf(deps, tenantId);
    if (result.authorizeUrl !== null) return { connection, authorizeUrl: result.authorizeUrl };
    if (!result.settled) reply.code(202).header('retry-after', '1');
    return { connection, authorizeUrl: null };
  });
}

/** Exact origins only: no prefix, no user name in front of the host, no other scheme. */
function isAllowed(returnTo: string, origins: readonly string[]): boolean {
  if (!URL.canParse(returnTo)) return false;
  const { origin, username, password } = new URL(returnTo);
  return username === '' && password === '' && origins.includes(origin);
}
