import type { Kysely } from 'kysely';
import type { Database } from '../db/database.ts';
import { readAccessToken, readRefreshToken, type GrantRow } from './grant-rows.ts';
import { openIntentUntil } from './refresh-intents.ts';
import type { SealedBox } from './sealed-box.ts';
import { readSuperseded } from './superseded-tokens.ts';

export type Revocation =
  /** Every token of the grant that is good at Calendly. There will be no others. */
  | { kind: 'begun'; tokens: string[] }
  /** A presentation is under way, or in doubt until then: what it brings belongs to the grant still. */
  | { kind: 'busy'; until: Date };

/**
 * Notes that this grant's tokens are being given back, and says which they are. The row lock orders it with `intendRefresh` and
 * `replaceTokens`: a refresh is either over before, or refused; and an answer that nobody expected any more gets a row of its own.
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
