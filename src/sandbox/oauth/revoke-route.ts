import type { FastifyInstance } from 'fastify';
import { findAccount } from '../accounts.ts';
import type { SandboxContext } from '../context.ts';
import { fingerprint } from '../fingerprint.ts';
import { settleSubscriptionsOfRevokedAccess } from '../subscription-fates.ts';
import { authenticateClient } from './client-authentication.ts';
import { missingParameter, oauthError } from './oauth-error.ts';
import { parametersOf } from './parameters.ts';
import { revokeRecord } from './tokens.ts';

/** Answers 200 `{}` for a token of this app, and for an unknown one. Another app's token is refused. */
export function revokeRoute(server: FastifyInstance, context: SandboxContext): void {
  server.post('/oauth/revoke', async (request) => {
    const parameters = parametersOf(request);
    const app = authenticateClient(context, request, parameters);
    const { token } = parameters;
    if (!token) throw missingParameter('token');
    context.calls.note(request, { tokenFingerprint: fingerprint(token) });
    const record = context.state.tokens.find(
      ({ accessToken, refreshToken }) => accessToken === token || refreshToken === token,
    );
    if (!record) return {};
    context.calls.note(request, { account: findAccount(context, record.user)?.slug ?? null });
    if (record.clientId !== app.clientId) throw oauthError('unauthorized_client');
    revokeRecord(context, record);
    settleSubscriptionsOfRevokedAccess(context, record.user, record.clientId);
    context.save();
    return {};
  });
}
