import { randomUUID } from 'node:crypto';
import type { Kysely, Transaction } from 'kysely';
import type { Database } from '../db/database.ts';
import { SealedBoxError, type SealedBox } from './sealed-box.ts';

export type CredentialPurpose =
  | 'access_token'
  | 'refresh_token'
  | 'signing_key'
  | 'code_verifier'
  | 'authorization_code';
export type CredentialOwner = Readonly<{ tenantId: string; purpose: CredentialPurpose }>;

/** The only place where secrets are stored. A row's value never changes: a new secret is a new row with a new id. */
export async function storeCredential(
  trx: Transaction<Database>,
  box: SealedBox,
  { tenantId, purpose, value, id = randomUUID() }: CredentialOwner & { value: string; id?: string },
): Promise<string> {
  const { keyId, sealed } = box.seal(value, { tenantId, purpose, credentialId: id });
  await trx.insertInto('credential').values({ id, tenant_id: tenantId, purpose, key_id: keyId, sealed }).execute();
  return id;
}

/** Throws a CredentialError if there is none, a SealedBoxError if it cannot be opened. */
export async function readCredential(
  db: Kysely<Database>,
  box: SealedBox,
  id: string,
  { tenantId, purpose }: CredentialOwner,
): Promise<string> {
  const row = await db
    .selectFrom('credential')
    .select(['key_id', 'sealed'])
    .where('id', '=', id)
    .where('tenant_id', '=', tenantId)
    .where('purpose', '=', purpose)
    .executeTakeFirst();
  if (row === undefined) throw new CredentialError(id, purpose);
  return box.open({ keyId: row.key_id, sealed: row.sealed }, { tenantId, purpose, credentialId: id });
}

/** Returns false if the row is gone or no key opens it. */
export async function canOpen(
  db: Kysely<Database>,
  box: SealedBox,
  id: string | null,
  owner: CredentialOwner,
): Promise<boolean> {
  try {
    return id !== null && (await readCredential(db, box, id, owner)) !== '';
  } catch (error) {
    if (error instanceof CredentialError || error instanceof SealedBoxError) return false;
    throw error;
  }
}

export async function deleteCredentials(trx: Transaction<Database>, ids: readonly string[]): Promise<void> {
  if (ids.length > 0) await trx.deleteFrom('credential').where('id', 'in', ids).execute();
}

/** There is no such row for this tenant and purpose. The message holds no secret. */
export class CredentialError extends Error {
  readonly code = 'credential_missing';
  readonly credentialId: string;

  constructor(credentialId: string, purpose: string) {
    super(`There is no credential ${credentialId} of this tenant for ${purpose}.`);
    this.name = 'CredentialError';
    this.credentialId = credentialId;
  }
}
