import { createHash } from 'node:crypto';
import type { Kysely, Selectable, Transaction } from 'kysely';
import type { CalendlyClient } from '../calendly/client.ts';
import type { Database } from '../db/database.ts';
import type { ConnectionImport } from '../db/types.ts';
import { storeCredential } from './credentials.ts';
import type { SealedBox } from './sealed-box.ts';

export type ImportRow = Selectable<ConnectionImport>;

export interface ImportedTokens {
  refreshToken: string;
  accessToken: string | null;
  /** End of the access token's life; in the past if there is no access token. */
  expiresAt: Date;
  scope: string;
}

/** Earlier than any refresh of ours. */
const NEVER_REFRESHED = new Date(0);

/**
 * Stores the tokens of another system, sealed, as a grant that has no role yet. Stores the import itself, too, with a hash of its refresh
 * token.
 */
export async function storeImport(
  trx: Transaction<Database>,
  box: SealedBox,
  client: CalendlyClient,
  {
    id,
    grantId,
    tenantId,
    tokens,
    now,
  }: { id: string; grantId: string; tenantId: string; tokens: ImportedTokens; now: Date },
): Promise<void> {
  const { refreshToken, accessToken, expiresAt, scope } = tokens;
  await trx
    .insertInto('oauth_grant')
    .values({
      id: grantId,
      tenant_id: tenantId,
      client: client.name,
      issuer: client.oauth.authBaseUrl,
      client_id: client.oauth.clientId,
      status: 'retired',
      account_uri: null,
      organization_uri: null,
      scope,
      access_token_id:
        accessToken === null
          ? null
          : await storeCredential(trx, box, { tenantId, purpose: 'access_token', value: accessToken }),
      refresh_token_id: await storeCredential(trx, box, { tenantId, purpose: 'refresh_token', value: refreshToken }),
      expires_at: expiresAt,
      refreshed_at: NEVER_REFRESHED,
      created_at: now,
      shared: true,
    })
    .execute();
  await trx
    .insertInto('connection_import')
    .values({ id, tenant_id: tenantId, grant_id: grantId, token_hash: hashOf(refreshToken), created_at: now })
    .execute();
}

/** The latest import of exactly this refresh token for this tenant. */
export function findImport(
  db: Kysely<Database>,
  tenantId: string,
  refreshToken: string,
): Promise<ImportRow | undefined> {
  return db
    .selectFrom('connection_import')
    .selectAll()
    .where('tenant_id', '=', tenantId)
    .where('token_hash', '=', hashOf(refreshToken))
    .orderBy('created_at', 'desc')
    .limit(1)
    .executeTakeFirst();
}

export function readImport(db: Kysely<Database>, id: string): Promise<ImportRow | undefined> {
  return db.selectFrom('connection_import').selectAll().where('id', '=', id).executeTakeFirst();
}

export async function endImport(
  trx: Transaction<Database>,
  id: string,
  { outcome, reason, message }: { outcome: string; reason: string | null; message: string | null },
  now: Date,
): Promise<void> {
  await trx
    .updateTable('connection_import')
    .set({ ended_at: now, outcome, reason, message })
    .where('id', '=', id)
    .where('ended_at', 'is', null)
    .execute();
}

/** Refresh tokens are random and long, so a plain hash tells nothing about them. */
const hashOf = (refreshToken: string): Buffer => createHash('sha256').update(refreshToken).digest();
