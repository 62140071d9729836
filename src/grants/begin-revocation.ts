import type { Kysely } from 'kysely';
import type { Database } from '../db/database.ts';
import { readAccessToken, readRefreshToken, type GrantRow } from './grant-rows.ts';
import { openIntentUntil } from './refresh-intents.ts';
import type { SealedBox } from './sealed-box.ts';
import { readSuperseded } from './superseded-tokens.ts';

export type Revocation =
  /** Every token of the grant that is valid at Calendly. No new one can be added. */
  | { kind: 'begun'; tokens: string[] }
  /** A refresh is under way or in doubt until this time. It may bring tokens of this grant. */
  | { kind: 'busy'; until: Date };

/**
 * Notes that this grant's tokens are being revoked, and returns them. The row lock orders this with `intendRefresh` and `replaceTokens`: a
 * refresh has either ended before, or is refused. A late answer's tokens get a grant row of their own.
 */
export function beginRevocation(
  db: Kysely<Database>,
  box: SealedBox,
  { id }: GrantRow,
  now: () => Date,
): Promise<Revocation> {
  return db.transaction().execute(async (trx) => {
    const grant = await trx.selectFrom('oauth_grant').selectAll().where('id', '=', id).forUpdate().executeTakeFirst();
    if (grant === undefined) return { kind: 'begun', tokens: [] };
    const at = now();
    const underWay = await openIntentUntil(trx, id);
    if (underWay !== null && underWay > at) return { kind: 'busy', until: underWay };
    if (grant.revoking_at === null)
      await trx.updateTable('oauth_grant').set({ revoking_at: at }).where('id', '=', id).execute();
    const current = [await readRefreshToken(trx, box, grant), await readAccessToken(trx, box, grant)];
    return {
      kind: 'begun',
      tokens: [...(await readSuperseded(trx, box, id, at)), ...current.filter((token) => token !== null)],
    };
  });
}
