import type { OAuthApp, SandboxContext } from '../context.ts';
import { isKnownScope, DEFAULT_SCOPE, splitScopes } from './scope-catalog.ts';
import { oauthSentences, type OAuthErrorName } from './oauth-error.ts';

export interface AuthorizationRequest {
  app: OAuthApp;
  redirectUri: string;
  state: string | undefined;
  scopes: string[];
  challenge: string | null;
}

/** A request that must not be answered with a redirect, because its address cannot be trusted. */
export class UntrustedRequest extends Error {}

export type ParsedRequest = { request: AuthorizationRequest } | { redirectTo: string };

export function parseAuthorizationRequest(context: SandboxContext, query: Record<string, string>): ParsedRequest {
  const app = context.apps.find(({ clientId }) => clientId === query['client_id']);
  if (!app) throw new UntrustedRequest(oauthSentences.invalid_client);
  const redirectUri = query['redirect_uri'] ?? '';
  if (!isRegistered(app, redirectUri)) {
    throw new UntrustedRequest("The requested redirect uri is malformed or doesn't match client redirect URI.");
  }
  const state = query['state'];
  const refuse = (error: string, description: string): ParsedRequest => ({
    redirectTo: withParameters(redirectUri, { error, error_description: description, state }),
  });
  const refuseAs = (name: OAuthErrorName) => refuse(name, oauthSentences[name]);
  if (!query['response_type']) return refuse('invalid_request', 'Missing required parameter: response_type.');
  if (query['response_type'] !== 'code') return refuseAs('unsupported_response_type');
  const challenge = query['code_challenge'] ?? null;
  if (!challenge && context.switches.requirePkce) {
    return refuse('invalid_request', 'Missing required parameter: code_challenge.');
  }
  // RFC 7636: a missing method means "plain", which Calendly does not support.
  if (challenge && query['code_challenge_method'] !== 'S256') return refuseAs('invalid_code_challenge_method');
  const scopes = splitScopes(query['scope']);
  if (!scopes.every(isKnownScope)) return refuseAs('invalid_scope');
  const isLegacy = context.switches.legacyScopes || scopes.length === 0;
  return { request: { app, redirectUri, state, scopes: isLegacy ? [DEFAULT_SCOPE] : scopes, challenge } };
}

/** The redirect URI with more parameters. `state` comes back exactly as it was sent. */
export function withParameters(address: string, parameters: Record<string, string | undefined>): string {
  const url = new URL(address);
  for (const [name, value] of Object.entries(parameters)) {
    if (value !== undefined) url.searchParams.set(name, value);
  }
  return url.href;
}

function isRegistered(app: OAuthApp, redirectUri: string): boolean {
  if (app.redirectUris) return app.redirectUris.includes(redirectUri);
  if (!URL.canParse(redirectUri)) return false;
  const { protocol, hostname, hash } = new URL(redirectUri);
  const isLoopback = ['localhost', '127.0.0.1', '[::1]'].includes(hostname);
  return hash === '' && (protocol === 'https:' || (protocol === 'http:' && isLoopback));
}
