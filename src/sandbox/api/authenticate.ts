import type { FastifyReply, FastifyRequest } from 'fastify';
import { organizationOf, requireAccount } from '../accounts.ts';
import type { SandboxContext } from '../context.ts';
import { fingerprint } from '../fingerprint.ts';
import { splitScopes } from '../oauth/scope-catalog.ts';
import { rateLimitHeaders, type RateLimiter } from '../rate-limits.ts';
import type { Account, Organization } from '../state.ts';
import { unauthenticated } from './api-error.ts';

/** The user behind the bearer token, and what the token may do. */
export interface Requester {
  account: Account;
  organization: Organization;
  clientId: string;
  scopes: string[];
}

export function authenticate(
  context: SandboxContext,
  limiter: RateLimiter,
  request: FastifyRequest,
  reply: FastifyReply,
): Requester {
  const token = /^Bearer\s+(\S+)$/i.exec(request.headers.authorization ?? '')?.[1];
  if (!token) throw unauthenticated('is invalid');
  context.calls.note(request, { tokenFingerprint: fingerprint(token) });
  const record = context.state.tokens.find(({ accessToken }) => accessToken === token);
  if (!record) throw unauthenticated('is invalid');
  const account = requireAccount(context, record.user);
  context.calls.note(request, { account: account.slug });
  if (record.accessRevokedAt !== null) throw unauthenticated('was revoked');
  if (record.expiresAtMs <= context.clock.nowMs()) throw unauthenticated('expired');
  const organization = organizationOf(context, account);
  const key = `oauth:${record.clientId}:${account.uuid}`;
  reply.headers({ 'x-ratelimit-tier': organization.stage, 'x-ratelimit-key': key });
  reply.headers(rateLimitHeaders(limiter.count(context, key, organization.stage)));
  return { account, organization, clientId: record.clientId, scopes: splitScopes(record.scope) };
}
