import type { Transaction } from 'kysely';
import type { Database } from '../db/database.ts';
import { isAccessTokenGood, isIssuedBy, readAccessToken, type GrantRow } from './grant-rows.ts';
import type { GrantDeps } from './grant-run.ts';
import { pauseBeforeRefresh } from './refresh-intents.ts';
import { SealedBoxError } from './sealed-box.ts';

/** The least life of a token that is handed out. With less, it is refreshed first. */
const GOOD_FOR_SECONDS = 60;

export type CurrentToken =
  | { kind: 'good'; accessToken: string; expiresAt: Date }
  /** It has to be refreshed first. */
  | { kind: 'due' }
  /** It has to be refreshed, but a refresh has failed moments ago or Calendly has asked to wait. */
  | { kind: 'tooEarly'; seconds: number }
  /** There is no grant, or none that can be used here. */
  | { kind: 'none' };

/** The access token of the tenant's current grant. */
export async function readCurrentToken(
  trx: Transaction<Database>,
  { box, oauth, now }: Pick<GrantDeps, 'box' | 'oauth' | 'now'>,
  tenantId: string,
): Promise<CurrentToken> {
  const grant: GrantRow | undefined = await trx
    .selectFrom('oauth_grant')
    .selectAll()
    .where('tenant_id', '=', tenantId)
    .where('status', '=', 'current')
    .executeTakeFirst();
  if (grant === undefined || !isIssuedBy(grant, oauth)) return { kind: 'none' };
  if (isAccessTokenGood(grant, now(), GOOD_FOR_SECONDS)) {
    const accessToken = await openAccessToken(trx, box, grant);
    if (accessToken !== null) return { kind: 'good', accessToken, expiresAt: grant.expires_at };
  }
  if (grant.lost_at !== null) return { kind: 'none' };
  // Hosts ask again and again; not every question may become a call to Calendly.
  const pause = pauseBeforeRefresh(grant, now());
  return pause > 0 ? { kind: 'tooEarly', seconds: Math.ceil(pause / 1000) } : { kind: 'due' };
}

/** Null if the stored token is gone or no key opens it. The refresh that follows finds out which, and tells the connection. */
async function openAccessToken(
  trx: Transaction<Database>,
  box: GrantDeps['box'],
  grant: GrantRow,
): Promise<string | null> {
  try {
    return await readAccessToken(trx, box, grant);
  } catch (error) {
    if (error instanceof SealedBoxError) return null;
    throw error;
  }
}
