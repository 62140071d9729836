import type { FastifyInstance } from 'fastify';
import { findAccount, requireAccount } from '../accounts.ts';
import type { SandboxContext } from '../context.ts';
import { fingerprint } from '../fingerprint.ts';
import type { TokenRecord } from '../state.ts';
import { uriOf } from '../uris.ts';
import { authenticateClient } from './client-authentication.ts';
import { missingParameter } from './oauth-error.ts';
import { parametersOf } from './parameters.ts';
import { isAccessTokenLive } from './tokens.ts';

export function introspectRoute(server: FastifyInstance, context: SandboxContext): void {
  server.post('/oauth/introspect', async (request) => {
    const parameters = parametersOf(request);
    const app = authenticateClient(context, request, parameters);
    const { token } = parameters;
    if (!token) throw missingParameter('token');
    context.calls.note(request, { tokenFingerprint: fingerprint(token) });
    const record = context.state.tokens.find(
      (known) =>
        known.clientId === app.clientId &&
        ((known.accessToken === token && isAccessTokenLive(context, known)) ||
          (known.refreshToken === token && known.refreshEndedAt === null)),
    );
    if (!record) return { active: false };
    context.calls.note(request, { account: findAccount(context, record.user)?.slug ?? null });
    return activeToken(context, record);
  });
}

function activeToken(context: SandboxContext, record: TokenRecord): object {
  return {
    active: true,
    scope: record.scope,
    client_id: record.clientId,
    token_type: 'Bearer',
    exp: Math.floor(record.expiresAtMs / 1000),
    iat: Math.floor(record.createdAtMs / 1000),
    owner: uriOf(context, 'users', record.user),
    organization: uriOf(context, 'organizations', requireAccount(context, record.user).organization),
  };
}
