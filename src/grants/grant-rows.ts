import { sql, type Kysely, type Selectable, type Transaction } from 'kysely';
import type { CalendlyClient } from '../calendly/client.ts';
import type { Database } from '../db/database.ts';
import type { OauthGrant } from '../db/types.ts';
import { CredentialError, deleteCredentials, readCredential, storeCredential } from './credentials.ts';
import type { SealedBox } from './sealed-box.ts';
import { forgetSuperseded, supersedeAccessToken } from './superseded-tokens.ts';

export type GrantRow = Selectable<OauthGrant>;

export interface GrantTokens {
  accessToken: string;
  /** Null if the answer had none: the refresh token that was presented stays valid. */
  refreshToken: string | null;
  expiresAt: Date;
  scope: string;
}

export function readGrant(db: Kysely<Database>, grantId: string): Promise<GrantRow | undefined> {
  return db.selectFrom('oauth_grant').selectAll().where('id', '=', grantId).executeTakeFirst();
}

/** Stores a grant with its tokens. It is `retired` until the machine gives it a role. */
export async function storeGrant(
  trx: Transaction<Database>,
  box: SealedBox,
  client: CalendlyClient,
  now: Date,
  grant: {
    id: string;
    tenantId: string;
    accountUri: string | null;
    organizationUri: string | null;
    tokens: GrantTokens;
  },
): Promise<void> {
  const { id, tenantId, accountUri, organizationUri, tokens } = grant;
  const ids = await storeTokens(trx, box, tenantId, tokens);
  await trx
    .insertInto('oauth_grant')
    .values({
      id,
      tenant_id: tenantId,
      client: client.name,
      issuer: client.oauth.authBaseUrl,
      client_id: client.oauth.clientId,
      status: 'retired',
      account_uri: accountUri,
      organization_uri: organizationUri,
      scope: tokens.scope,
      ...ids,
      expires_at: tokens.expiresAt,
      refreshed_at: now,
      created_at: now,
    })
    .execute();
}

/**
 * Stores new tokens for a grant, if the refresh token that was presented is still the current one and the grant is not being revoked.
 * `lost` says whether the grant counted as lost. Returns false if another answer came first.
 */
export async function replaceTokens(
  trx: Transaction<Database>,
  box: SealedBox,
  now: Date,
  grantId: string,
  presentedTokenId: string,
  tokens: GrantTokens,
  owner: { accountUri: string | null; organizationUri: string | null },
): Promise<{ wasLost: boolean } | false> {
  const grant = await trx
    .selectFrom('oauth_grant')
    .selectAll()
    .where('id', '=', grantId)
    .forUpdate()
    .executeTakeFirst();
  if (grant === undefined || grant.refresh_token_id !== presentedTokenId || grant.revoking_at !== null) return false;
  const ids = await storeTokens(trx, box, grant.tenant_id, tokens);
  await trx
    .updateTable('oauth_grant')
    .set({
      ...ids,
      refresh_token_id: ids.refresh_token_id ?? grant.refresh_token_id,
      scope: tokens.scope === '' ? grant.scope : tokens.scope,
      expires_at: tokens.expiresAt,
      refreshed_at: now,
      access_rejected_at: null,
      lost_at: null,
      refresh_failures: 0,
      refresh_failed_at: null,
      refresh_not_before: null,
      // The answer to a refresh names the owner as well. Of imported tokens, the owner may have been unknown.
      account_uri: grant.account_uri ?? owner.accountUri,
      organization_uri: grant.organization_uri ?? owner.organizationUri,
      shared: false,
    })
    .where('id', '=', grantId)
    .execute();
  await supersedeAccessToken(trx, grant, now);
  if (tokens.refreshToken !== null) await deleteCredentials(trx, [presentedTokenId]);
  return { wasLost: grant.lost_at !== null };
}

async function storeTokens(trx: Transaction<Database>, box: SealedBox, tenantId: string, tokens: GrantTokens) {
  const accessTokenId = await storeCredential(trx, box, {
    tenantId,
    purpose: 'access_token',
    value: tokens.accessToken,
  });
  const refreshTokenId =
    tokens.refreshToken === null
      ? null
      : await storeCredential(trx, box, { tenantId, purpose: 'refresh_token', value: tokens.refreshToken });
  return { access_token_id: accessTokenId, refresh_token_id: refreshTokenId };
}

/** The stored access token, of any age. Null if it was wiped, or was replaced after the grant was read. */
export async function readAccessToken(db: Kysely<Database>, box: SealedBox, grant: GrantRow): Promise<string | null> {
  if (grant.access_token_id === null) return null;
  try {
    return await readCredential(db, box, grant.access_token_id, { tenantId: grant.tenant_id, purpose: 'access_token' });
  } catch (error) {
    if (error instanceof CredentialError) return null;
    throw error;
  }
}

export async function readRefreshToken(db: Kysely<Database>, box: SealedBox, grant: GrantRow): Promise<string | null> {
  if (grant.refresh_token_id === null) return null;
  return readCredential(db, box, grant.refresh_token_id, { tenantId: grant.tenant_id, purpose: 'refresh_token' });
}

/** Notes that Calendly answered 401 to this access token, so that it is not used again. */
export async function rejectAccessToken(db: Kysely<Database>, grant: GrantRow, now: Date): Promise<void> {
  await db
    .updateTable('oauth_grant')
    .set({ access_rejected_at: now })
    .where('id', '=', grant.id)
    .where('access_token_id', '=', grant.access_token_id)
    .execute();
}

/** True if the token lives for at least `seconds`, by our clock. */
export function isAccessTokenGood(
  grant: Pick<GrantRow, 'access_token_id' | 'access_rejected_at' | 'expires_at'>,
  now: Date,
  seconds: number,
): boolean {
  return (
    grant.access_token_id !== null &&
    grant.access_rejected_at === null &&
    grant.expires_at.getTime() - now.getTime() >= seconds * 1000
  );
}

/** Deletes all tokens of the grant, with their references. */
export async function wipeGrant(trx: Transaction<Database>, grantId: string, now: Date): Promise<void> {
  const grant = await trx
    .selectFrom('oauth_grant')
    .select(['access_token_id', 'refresh_token_id'])
    .where('id', '=', grantId)
    .forUpdate()
    .executeTakeFirst();
  if (grant === undefined) return;
  await trx
    .updateTable('oauth_grant')
    .set({
      status: 'wiped',
      access_token_id: null,
      refresh_token_id: null,
      wiped_at: sql<Date>`coalesce(wiped_at, ${now})`,
    })
    .where('id', '=', grantId)
    .execute();
  await deleteCredentials(
    trx,
    [grant.access_token_id, grant.refresh_token_id].filter((id) => id !== null),
  );
  await forgetSuperseded(trx, grantId);
}
