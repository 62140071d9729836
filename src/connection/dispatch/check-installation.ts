import type { Kysely } from 'kysely';
import type { Database } from '../../db/database.ts';

export interface Installation {
  publicUrl: string;
  clientId: string;
  apiBaseUrl: string;
}

export type InstallationCheck = { kind: 'same' } | { kind: 'changed'; stored: Installation };

const LOOK_MS = 3_000;

/**
 * Looks regularly whether the database still belongs to this installation, and reports once if not. Then an operator has let another
 * installation take it over, and two installations must not use the same tokens.
 */
export function watchInstallation(
  db: Kysely<Database>,
  mine: Installation,
  { onTakenOver, onError }: { onTakenOver(by: Installation): void; onError(error: unknown): void },
): { stop(): Promise<void> } {
  let looking = Promise.resolve();
  const look = async () => {
    const row = await db.selectFrom('installation').selectAll().executeTakeFirst();
    if (row === undefined) return;
    const stored = installationOf(row);
    if (isSame(stored, mine)) return;
    clearInterval(timer);
    onTakenOver(stored);
  };
  const timer = setInterval(() => {
    looking = looking.then(look).catch(onError);
  }, LOOK_MS);
  return {
    async stop() {
      clearInterval(timer);
      await looking;
    },
  };
}

/**
 * A database belongs to the installation that first used it. A copy that is started elsewhere must not spend the
 * original's tokens or delete its webhooks, until a person says that it has moved (`adopt` = the new PUBLIC_URL).
 */
export async function checkInstallation(
  db: Kysely<Database>,
  mine: Installation,
  adopt: string | null,
  now: Date,
): Promise<InstallationCheck> {
  const values = {
    public_url: mine.publicUrl,
    client_id: mine.clientId,
    api_base_url: mine.apiBaseUrl,
    adopted_at: now,
  };
  return db.transaction().execute(async (trx) => {
    await trx
      .insertInto('installation')
      .values(values)
      .onConflict((conflict) => conflict.column('id').doNothing())
      .execute();
    const row = await trx.selectFrom('installation').selectAll().forUpdate().executeTakeFirstOrThrow();
    const stored = installationOf(row);
    if (isSame(stored, mine)) return { kind: 'same' };
    if (adopt !== mine.publicUrl) return { kind: 'changed', stored };
    await trx.updateTable('installation').set(values).execute();
    return { kind: 'same' };
  });
}

const installationOf = (row: { public_url: string; client_id: string; api_base_url: string }): Installation => ({
  publicUrl: row.public_url,
  clientId: row.client_id,
  apiBaseUrl: row.api_base_url,
});

const isSame = (one: Installation, other: Installation): boolean =>
  one.publicUrl === other.publicUrl && one.clientId === other.clientId && one.apiBaseUrl === other.apiBaseUrl;
