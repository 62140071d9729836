import { sql, type Kysely } from 'kysely';
import type { Database } from '../db/database.ts';
import { prepared } from '../db/prepared-statements.ts';
import { clientOfGrant } from './client-of-grant.ts';
import { isAccessTokenGood, type GrantRow } from './grant-rows.ts';
import type { GrantDeps } from './grant-run.ts';
import { pauseBeforeRefresh } from './refresh-intents.ts';
import { SealedBoxError } from './sealed-box.ts';

/** The least life of a token that is handed out. With less, it is refreshed first. */
const GOOD_FOR_SECONDS = 60;
const PURPOSE = 'access_token';

/** What tells whether the token is good, and when to refresh it. */
type CurrentGrant = Pick<
  GrantRow,
  | 'tenant_id'
  | 'issuer'
  | 'client'
  | 'client_id'
  | 'access_token_id'
  | 'access_rejected_at'
  | 'expires_at'
  | 'lost_at'
  | 'refresh_failures'
  | 'refresh_failed_at'
  | 'refresh_not_before'
>;
type TokenRow = CurrentGrant & { key_id: string | null; sealed: Buffer | null };
type TokenDeps = Pick<GrantDeps, 'box' | 'clients' | 'now'>;
export type CurrentToken =
  | { kind: 'good'; accessToken: string; expiresAt: Date }
  /** It has to be refreshed first. */
  | { kind: 'due' }
  /** It has to be refreshed, but a refresh failed moments ago, or Calendly asked to wait. */
  | { kind: 'tooEarly'; seconds: number }
  /** There is no grant, or none that can be used. */
  | { kind: 'none' };

/** The access token of the tenant's current grant. */
export async function readCurrentToken(db: Kysely<Database>, deps: TokenDeps, tenantId: string): Promise<CurrentToken> {
  return (await readCurrentTokens(db, deps, [tenantId]))[0]!;
}

/**
 * The same for several tenants, one for each. One statement, so a grant and its credential are of the same moment. Two would not be: a
 * refresh in between could delete the credential that the grant names.
 */
export async function readCurrentTokens(
  db: Kysely<Database>,
  deps: TokenDeps,
  tenantIds: readonly string[],
): Promise<CurrentToken[]> {
  const { rows } = await sql<TokenRow>`${prepared('current-tokens')}
    select oauth_grant.tenant_id, client, issuer, client_id, access_token_id, access_rejected_at, expires_at, lost_at,
      refresh_failures, refresh_failed_at, refresh_not_before, key_id, sealed
    from oauth_grant left join credential
      on credential.id = access_token_id and credential.tenant_id = oauth_grant.tenant_id and purpose = 'access_token'
    where oauth_grant.tenant_id = any(${[...new Set(tenantIds)]}::text[]) and status = 'current'`.execute(db);
  const tokens = new Map(rows.map((row) => [row.tenant_id, judge(row, deps)]));
  return tenantIds.map((tenantId) => tokens.get(tenantId) ?? { kind: 'none' });
}

function judge(grant: TokenRow, { box, clients, now }: TokenDeps): CurrentToken {
  if ('problem' in clientOfGrant(clients, grant)) return { kind: 'none' };
  if (isAccessTokenGood(grant, now(), GOOD_FOR_SECONDS)) {
    const accessToken = openAccessToken(box, grant);
    if (accessToken !== null) return { kind: 'good', accessToken, expiresAt: grant.expires_at };
  }
  if (grant.lost_at !== null) return { kind: 'none' };
  // Hosts ask again and again, and not every request may become a call to Calendly.
  const pause = pauseBeforeRefresh(grant, now());
  return pause > 0 ? { kind: 'tooEarly', seconds: Math.ceil(pause / 1000) } : { kind: 'due' };
}

/** Null if the stored token is gone or no key opens it. The refresh that follows finds out which, and tells the connection. */
function openAccessToken(
  box: GrantDeps['box'],
  { tenant_id: tenantId, access_token_id: credentialId, key_id: keyId, sealed }: TokenRow,
): string | null {
  if (credentialId === null || keyId === null || sealed === null) return null;
  try {
    return box.open({ keyId, sealed }, { tenantId, purpose: PURPOSE, credentialId });
  } catch (error) {
    if (error instanceof SealedBoxError) return null;
    throw error;
  }
}
