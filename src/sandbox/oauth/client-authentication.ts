import { timingSafeEqual } from 'node:crypto';
import type { FastifyRequest } from 'fastify';
import type { OAuthApp, SandboxContext } from '../context.ts';
import { oauthError } from './oauth-error.ts';

/** The app that this request proves to come from: HTTP Basic, or client_id and client_secret in the body. */
export function authenticateClient(
  context: SandboxContext,
  request: FastifyRequest,
  parameters: Record<string, string>,
): OAuthApp {
  const [clientId, secret] = basicCredentials(request) ?? [parameters['client_id'], parameters['client_secret']];
  const app = context.apps.find((known) => known.clientId === clientId);
  if (!app) throw oauthError('invalid_client');
  // A native app has no secret. PKCE is used instead.
  if (secret === undefined && !context.switches.requireClientSecret) return app;
  if (!isSame(secret ?? '', app.clientSecret)) throw oauthError('invalid_client');
  return app;
}

function basicCredentials(request: FastifyRequest): [string, string] | null {
  const match = /^Basic\s+(\S+)$/i.exec(request.headers.authorization ?? '');
  if (!match) return null;
  const text = Buffer.from(match[1]!, 'base64').toString('utf8');
  const colon = text.indexOf(':');
  if (colon < 0) return [text, ''];
  // RFC 6749 requires both parts form-encoded inside Basic. Doorkeeper takes them unchanged, and Calendly's documents do as well.
  return [text.slice(0, colon), text.slice(colon + 1)];
}

function isSame(given: string, expected: string): boolean {
  const a = Buffer.from(given);
  const b = Buffer.from(expected);
  return a.length === b.length && timingSafeEqual(a, b);
}
