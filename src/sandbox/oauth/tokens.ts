import { randomBytes, randomUUID } from 'node:crypto';
import { requireAccount } from '../accounts.ts';
import type { SandboxContext } from '../context.ts';
import type { TokenRecord } from '../state.ts';
import { uriOf } from '../uris.ts';
import { makeAccessToken } from './access-token.ts';

const RECORDS_KEPT = 5000;

export function issueTokens(
  context: SandboxContext,
  grant: { clientId: string; user: string; scope: string },
): TokenRecord {
  const createdAtMs = context.clock.nowMs();
  const expiresAtMs = createdAtMs + context.switches.accessTokenSeconds * 1000;
  const record: TokenRecord = {
    ...grant,
    id: randomUUID(),
    accessToken: makeAccessToken(context.state.tokenKey, {
      userUuid: grant.user,
      clientId: grant.clientId,
      issuedAtMs: createdAtMs,
      expiresAtMs,
    }),
    refreshToken: randomBytes(32).toString('hex'),
    createdAtMs,
    expiresAtMs,
    accessRevokedAt: null,
    refreshEndedAt: null,
    refreshEndedBy: null,
    presentations: [],
  };
  context.state.tokens.push(record);
  forgetOldest(context);
  return record;
}

export function tokenResponse(context: SandboxContext, record: TokenRecord): object {
  const account = requireAccount(context, record.user);
  return {
    token_type: 'Bearer',
    expires_in: Math.round((record.expiresAtMs - record.createdAtMs) / 1000),
    created_at: Math.floor(record.createdAtMs / 1000),
    refresh_token: record.refreshToken,
    access_token: record.accessToken,
    scope: record.scope,
    owner: uriOf(context, 'users', record.user),
    organization: uriOf(context, 'organizations', account.organization),
  };
}

/** Ends a whole record, access token and refresh token, but no other record of the same consent. */
export function revokeRecord(context: SandboxContext, record: TokenRecord): void {
  const at = context.clock.stamp();
  record.accessRevokedAt ??= at;
  if (record.refreshEndedAt === null) {
    record.refreshEndedAt = at;
    record.refreshEndedBy = 'revocation';
  }
}

export function isAccessTokenLive(context: SandboxContext, record: TokenRecord): boolean {
  return record.accessRevokedAt === null && record.expiresAtMs > context.clock.nowMs();
}

/** A long soak makes many tokens. Those that cannot be used any more are forgotten, oldest first. */
function forgetOldest(context: SandboxContext): void {
  const { tokens } = context.state;
  if (tokens.length <= RECORDS_KEPT) return;
  const dead = tokens.findIndex((record) => record.refreshEndedAt !== null && !isAccessTokenLive(context, record));
  if (dead >= 0) tokens.splice(dead, 1);
}
