import type { Kysely } from 'kysely';
import type { Database } from '../db/database.ts';
import { SealedBoxError, type SealedBox } from '../grants/sealed-box.ts';

export type Rotation = Readonly<{
  rotated: number;
  /** Credentials that were sealed with an unknown key, or altered. They are left as they are. */
  unreadable: number;
  /** Credentials that others have locked, or that an instance with the former key has stored meanwhile. Rotate again. */
  remaining: number;
}>;

/**
 * Seals all credentials again that were not sealed with the first key, a batch per transaction. It works while the service runs, also in
 * several instances: rows are locked while they are read and written, locked ones are skipped, and value and id stay. An abort ends it
 * after the current batch.
 */
export async function rotateCredentials(
  db: Kysely<Database>,
  box: SealedBox,
  { batch, signal }: { batch: number; signal?: AbortSignal },
): Promise<Rotation> {
  let rotated = 0;
  let unreadable = 0;
  let after = '00000000-0000-0000-0000-000000000000';
  while (!signal?.aborted) {
    const last = await db.transaction().execute(async (trx) => {
      const rows = await trx
        .selectFrom('credential')
        .select(['id', 'tenant_id', 'purpose', 'key_id', 'sealed'])
        .where('key_id', '!=', box.currentKeyId)
        .where('id', '>', after)
        .orderBy('id')
        .limit(batch)
        .forUpdate()
        .skipLocked()
        .execute();
      for (const row of rows) {
        const context = { tenantId: row.tenant_id, purpose: row.purpose, credentialId: row.id };
        const value = openOrNull(box, { keyId: row.key_id, sealed: row.sealed }, context);
        if (value === null) {
          unreadable++;
          continue;
        }
        const { keyId, sealed } = box.seal(value, context);
        await trx.updateTable('credential').set({ key_id: keyId, sealed }).where('id', '=', row.id).execute();
        rotated++;
      }
      return rows.at(-1)?.id;
    });
    if (last === undefined) break;
    after = last;
  }

  const { left } = await db
    .selectFrom('credential')
    .select(({ fn }) => fn.countAll<number>().as('left'))
    .where('key_id', '!=', box.currentKeyId)
    .executeTakeFirstOrThrow();
  return { rotated, unreadable, remaining: Math.max(0, left - unreadable) };
}

function openOrNull(box: SealedBox, ...sealed: Parameters<SealedBox['open']>): string | null {
  try {
    return box.open(...sealed);
  } catch (error) {
    if (error instanceof SealedBoxError) return null;
    throw error;
  }
}
