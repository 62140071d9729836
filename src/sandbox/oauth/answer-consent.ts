import { randomBytes } from 'node:crypto';
import type { SandboxContext } from '../context.ts';
import type { Account } from '../state.ts';
import { withParameters, type AuthorizationRequest } from './authorization-request.ts';
import { oauthSentences } from './oauth-error.ts';

const CODES_KEPT = 500;

/** Gives consent. Returns the address that takes the browser back to the app with a new code. */
export function allow(
  context: SandboxContext,
  request: AuthorizationRequest,
  account: Account,
  granted: readonly string[],
): string {
  const code = randomBytes(32).toString('hex');
  context.state.codes.push({
    code,
    clientId: request.app.clientId,
    user: account.uuid,
    redirectUri: request.redirectUri,
    scope: request.scopes.filter((scope) => granted.includes(scope)).join(' '),
    challenge: request.challenge,
    expiresAtMs: context.clock.nowMs() + context.switches.authorizationCodeSeconds * 1000,
    usedAt: null,
  });
  context.state.codes.splice(0, context.state.codes.length - CODES_KEPT);
  context.save();
  return withParameters(request.redirectUri, { code, state: request.state });
}

export function deny(request: AuthorizationRequest): string {
  const error = 'access_denied';
  return withParameters(request.redirectUri, { error, error_description: oauthSentences[error], state: request.state });
}
