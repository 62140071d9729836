import type { Transaction } from 'kysely';
import type { Database } from '../db/database.ts';
import { deleteCredentials } from './credentials.ts';
import { isAccessTokenGood, readAccessToken, readGrant, readRefreshToken } from './grant-rows.ts';
import { openIntentUntil } from './refresh-intents.ts';
import type { SealedBox } from './sealed-box.ts';

export interface HandedOver {
  accessToken: string;
  refreshToken: string;
  expiresAt: Date;
  scope: string;
}

/** The access token has to last until the webhook is deleted with it, and to be of use to whoever takes it over. */
const GOOD_FOR_SECONDS = 60;

/**
 * Takes the refresh token out of the grant. From here on, only the system that it is handed to can present it. The access token stays until
 * the webhook is deleted with it, and is wiped then. Returns null if a refresh is under way or due, because its answer has to come first.
 */
export async function handOver(
  trx: Transaction<Database>,
  box: SealedBox,
  grantId: string,
  now: Date,
): Promise<HandedOver | null> {
  await trx.selectFrom('oauth_grant').select('id').where('id', '=', grantId).forUpdate().executeTakeFirst();
  const grant = await readGrant(trx, grantId);
  if (grant === undefined || !isAccessTokenGood(grant, now, GOOD_FOR_SECONDS)) return null;
  const underWay = await openIntentUntil(trx, grantId);
  if (underWay !== null && underWay > now) return null;
  const refreshToken = await readRefreshToken(trx, box, grant);
  const accessToken = await readAccessToken(trx, box, grant);
  if (refreshToken === null || accessToken === null) return null;
  await trx
    .updateTable('oauth_grant')
    .set({ refresh_token_id: null, shared: true })
    .where('id', '=', grantId)
    .execute();
  await deleteCredentials(trx, [grant.refresh_token_id!]);
  return { accessToken, refreshToken, expiresAt: grant.expires_at, scope: grant.scope };
}
