import type { Kysely } from 'kysely';
import type { Database } from '../db/database.ts';
import { newestFirst, type PageQuery } from '../paging/newest-first.ts';
import type { Page } from '../paging/to-page.ts';
import type { Verdict } from './verdict.ts';

/** A delivery as it is listed. It has no body, so that a list does not show what invitees wrote. */
export type ListedDelivery = {
  id: number;
  subscriptionId: string;
  accountUri: string;
  receivedAt: string;
  signedAt: string | null;
  signingKeyId: string | null;
  /** Fingerprint of the OAuth application's key, if that one matched instead of the subscription's own. */
  applicationKey: string | null;
  verdict: Verdict;
  event: string | null;
  eventUri: string | null;
  inviteeUri: string | null;
  bodyBytes: number;
  /** How often applying it has failed. */
  attempts: number;
  /** Why it failed last; null once it is applied. */
  lastError: string | null;
};

export async function listDeliveries(
  db: Kysely<Database>,
  tenantId: string,
  page: PageQuery,
): Promise<Page<ListedDelivery>> {
  const query = db
    .selectFrom('delivery')
    .select([
      'id',
      'subscription_id',
      'account_uri',
      'received_at',
      'signed_at',
      'signing_key_id',
      'application_key',
      'verdict',
      'event',
      'event_uri',
      'invitee_uri',
      'body_bytes',
      'attempts',
      'last_error',
    ])
    .where('tenant_id', '=', tenantId);
  return newestFirst(query, 'id', page, (row): ListedDelivery => ({
    id: row.id,
    subscriptionId: row.subscription_id,
    accountUri: row.account_uri,
    receivedAt: row.received_at.toISOString(),
    signedAt: row.signed_at?.toISOString() ?? null,
    signingKeyId: row.signing_key_id,
    applicationKey: row.application_key,
    verdict: row.verdict as Verdict,
    event: row.event,
    eventUri: row.event_uri,
    inviteeUri: row.invitee_uri,
    bodyBytes: row.body_bytes,
    attempts: row.attempts,
    lastError: row.last_error,
  }));
}
