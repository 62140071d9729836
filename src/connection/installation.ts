import type { Kysely } from 'kysely';
import type { Database } from '../db/database.ts';

export interface Installation {
  publicUrl: string;
  clientId: string;
  apiBaseUrl: string;
}

export type InstallationCheck = { kind: 'same' } | { kind: 'changed'; stored: Installation };

/**
 * A database belongs to the installation that first used it. A copy that is started elsewhere must not spend the
 * original's tokens or delete its webhooks, until a person says that it has moved (`adopt` = the new PUBLIC_URL).
 */
export async function checkInstallation(db: Kysely<Database>, mine: Installation, adopt: string | null, now: Date): Promise<InstallationCheck> {
  const values = { public_url: mine.publicUrl, client_id: mine.clientId, api_base_url: mine.apiBaseUrl, adopted_at: now };
  return db.transaction().execute(async (trx) => {
    await trx.insertInto('installation').values(values).onConflict((conflict) => conflict.column('id').doNothing()).execute();
    const row = await trx.selectFrom('installation').selectAll().forUpdate().executeTakeFirstOrThrow();
    const stored = { publicUrl: row.public_url, clientId: row.client_id, apiBaseUrl: row.api_base_url };
    const same = stored.publicUrl === mine.publicUrl && stored.clientId === mine.clientId && stored.apiBaseUrl === mine.apiBaseUrl;
    if (same) return { kind: 'same' };
    if (adopt !== mine.publicUrl) return { kind: 'changed', stored };
    await trx.updateTable('installation').set(values).execute();
    return { kind: 'same' };
  });
}
