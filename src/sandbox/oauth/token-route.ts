import { createHash } from 'node:crypto';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { findAccount } from '../accounts.ts';
import type { OAuthApp, SandboxContext } from '../context.ts';
import { fingerprint } from '../fingerprint.ts';
import { HttpError } from '../http-error.ts';
import type { Presentation, TokenRecord } from '../state.ts';
import { authenticateClient } from './client-authentication.ts';
import { missingParameter, oauthError, withChallenge } from './oauth-error.ts';
import { parametersOf } from './parameters.ts';
import { limitTokens } from './token-rate-limit.ts';
import { issueTokens, tokenResponse } from './tokens.ts';

export function tokenRoute(server: FastifyInstance, context: SandboxContext): void {
  server.post('/oauth/token', async (request, reply) => {
    const parameters = parametersOf(request);
    const grantType = parameters['grant_type'];
    context.calls.note(request, { grantType: grantType ?? null });
    if (parameters['refresh_token']) {
      context.calls.note(request, { tokenFingerprint: fingerprint(parameters['refresh_token']) });
    }
    let record: TokenRecord;
    try {
      record = grant(context, request, parameters);
    } catch (error) {
      throw error instanceof HttpError && context.switches.tokenErrorChallenge ? withChallenge(error) : error;
    }
    // Saved before the answer is sent: from here on the old refresh token is spent, whatever happens to the answer.
    context.save();
    return reply.header('cache-control', 'no-store').header('pragma', 'no-cache').send(tokenResponse(context, record));
  });
}

function grant(context: SandboxContext, request: FastifyRequest, parameters: Record<string, string>): TokenRecord {
  const app = authenticateClient(context, request, parameters);
  switch (parameters['grant_type']) {
    case undefined:
    case '':
      throw missingParameter('grant_type');
    case 'authorization_code':
      return exchangeCode(context, request, app, parameters);
    case 'refresh_token':
      return refresh(context, request, app, parameters);
    default:
      throw oauthError('unsupported_grant_type');
  }
}

function exchangeCode(
  context: SandboxContext,
  request: FastifyRequest,
  app: OAuthApp,
  parameters: Record<string, string>,
): TokenRecord {
  const { code, redirect_uri: redirectUri, code_verifier: verifier } = parameters;
  if (!code) throw missingParameter('code');
  if (!redirectUri) throw missingParameter('redirect_uri');
  const stored = context.state.codes.find((known) => known.code === code && known.clientId === app.clientId);
  if (!stored) throw oauthError('invalid_grant');
  context.calls.note(request, { account: findAccount(context, stored.user)?.slug ?? null });
  const isGood =
    stored.usedAt === null && stored.expiresAtMs > context.clock.nowMs() && stored.redirectUri === redirectUri;
  if (!isGood || !provesChallenge(stored.challenge, verifier)) throw oauthError('invalid_grant');
  limitTokens(context, stored.user);
  stored.usedAt = context.clock.stamp();
  return issueTokens(context, { clientId: app.clientId, user: stored.user, scope: stored.scope });
}

function provesChallenge(challenge: string | null, verifier: string | undefined): boolean {
  if (challenge === null) return true;
  return verifier !== undefined && createHash('sha256').update(verifier).digest('base64url') === challenge;
}

/**
 * After this success the refresh token is spent, and a new pair begins. The former access token lives on to the end of its two hours.
 * Presenting a spent refresh token ends nothing else: R1→R2, R1 fails, R2→R3.
 */
function refresh(
  context: SandboxContext,
  request: FastifyRequest,
  app: OAuthApp,
  parameters: Record<string, string>,
): TokenRecord {
  const presented = parameters['refresh_token'];
  if (!presented) throw missingParameter('refresh_token');
  const record = context.state.tokens.find((known) => known.refreshToken === presented);
  if (!record) throw oauthError('invalid_grant', context.switches.refreshReuseStatus);
  context.calls.note(request, { account: findAccount(context, record.user)?.slug ?? null });
  const notePresentation = (result: Presentation['result']) => {
    record.presentations.push({ at: context.clock.stamp(), result });
  };
  if (record.clientId !== app.clientId || record.refreshEndedAt !== null) {
    notePresentation('invalid_grant');
    context.save();
    throw oauthError('invalid_grant', context.switches.refreshReuseStatus);
  }
  try {
    limitTokens(context, record.user);
  } catch (error) {
    if (error instanceof HttpError) notePresentation('rate_limited');
    context.save();
    throw error;
  }
  notePresentation('refreshed');
  record.refreshEndedAt = context.clock.stamp();
  record.refreshEndedBy = 'use';
  return issueTokens(context, { clientId: record.clientId, user: record.user, scope: record.scope });
}
