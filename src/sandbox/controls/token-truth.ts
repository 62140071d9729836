import { requireAccount } from '../accounts.ts';
import { stampOf } from '../clock.ts';
import type { SandboxContext } from '../context.ts';
import type { TokenPair, TokenTruth } from './controls.ts';
import { fingerprint } from '../fingerprint.ts';
import { isAccessTokenLive } from '../oauth/tokens.ts';

export function tokenTruth(context: SandboxContext, account: string): TokenTruth {
  const { uuid } = requireAccount(context, account);
  const pairs = context.state.tokens
    .filter(({ user }) => user === uuid)
    .map((record): TokenPair => ({
      clientId: record.clientId,
      scope: record.scope,
      createdAt: stampOf(record.createdAtMs),
      expiresAt: stampOf(record.expiresAtMs),
      accessTokenFingerprint: fingerprint(record.accessToken),
      accessTokenLive: isAccessTokenLive(context, record),
      refreshTokenFingerprint: fingerprint(record.refreshToken),
      refreshTokenLive: record.refreshEndedAt === null,
      refreshTokenEndedBy: record.refreshEndedBy,
      presentations: structuredClone(record.presentations),
    }));
  return {
    liveAccessTokens: pairs.filter((pair) => pair.accessTokenLive).length,
    liveRefreshTokens: pairs.filter((pair) => pair.refreshTokenLive).length,
    pairs,
  };
}
