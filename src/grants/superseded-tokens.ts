import type { Kysely, Selectable, Transaction } from 'kysely';
import type { Database } from '../db/database.ts';
import type { OauthGrant } from '../db/types.ts';
import { CredentialError, deleteCredentials, readCredential } from './credentials.ts';
import type { SealedBox } from './sealed-box.ts';

/**
 * After a refresh, the former access token stays valid until its end. It is stored until then, only to be revoked with its grant. Tokens of
 * this grant that have ended are deleted now.
 */
export async function supersedeAccessToken(
  trx: Transaction<Database>,
  grant: Selectable<OauthGrant>,
  now: Date,
): Promise<void> {
  await forgetSuperseded(trx, grant.id, now);
  if (grant.access_token_id === null) return;
  if (grant.expires_at <= now) return deleteCredentials(trx, [grant.access_token_id]);
  await trx
    .insertInto('superseded_access_token')
    .values({
      credential_id: grant.access_token_id,
      tenant_id: grant.tenant_id,
      grant_id: grant.id,
      expires_at: grant.expires_at,
    })
    .execute();
}

/** Former access tokens that are still valid at Calendly, oldest first. */
export async function readSuperseded(
  db: Kysely<Database>,
  box: SealedBox,
  grantId: string,
  now: Date,
): Promise<string[]> {
  const rows = await db
    .selectFrom('superseded_access_token')
    .selectAll()
    .where('grant_id', '=', grantId)
    .where('expires_at', '>', now)
    .orderBy('expires_at')
    .execute();
  const tokens: string[] = [];
  for (const { credential_id: id, tenant_id: tenantId } of rows) {
    try {
      tokens.push(await readCredential(db, box, id, { tenantId, purpose: 'access_token' }));
    } catch (error) {
      // Another refresh has just deleted it because it has ended.
      if (!(error instanceof CredentialError)) throw error;
    }
  }
  return tokens;
}

/** Deletes former access tokens that ended before `endedBy`; without it, all of them. */
export async function forgetSuperseded(trx: Transaction<Database>, grantId: string, endedBy?: Date): Promise<void> {
  let gone = trx.deleteFrom('superseded_access_token').where('grant_id', '=', grantId);
  if (endedBy !== undefined) gone = gone.where('expires_at', '<=', endedBy);
  await deleteCredentials(
    trx,
    (await gone.returning('credential_id').execute()).map((row) => row.credential_id),
  );
}
