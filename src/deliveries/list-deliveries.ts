import type { Kysely } from 'kysely';
import Type from 'typebox';
import type { Database } from '../db/database.ts';
import { decodeCursor } from '../paging/cursor.ts';
import { toPage, type Page } from '../paging/to-page.ts';
import type { Verdict } from './verdict.ts';

/** A delivery as it is listed, without its body: the list need not show what invitees wrote. */
export type ListedDelivery = {
  id: number;
  subscriptionId: string;
  accountUri: string;
  receivedAt: string;
  signedAt: string | null;
  signingKeyId: string | null;
  /** Fingerprint of the OAuth application's key, where that one matched instead of the subscription's own. */
  applicationKey: string | null;
  verdict: Verdict;
  event: string | null;
  eventUri: string | null;
  inviteeUri: string | null;
  bodyBytes: number;
  /** How often applying it has failed, and why it failed last; null once it is applied. */
  attempts: number;
  lastError: string | null;
};

const Position = Type.Integer({ minimum: 1, maximum: Number.MAX_SAFE_INTEGER });

export async function listDeliveries(
  db: Kysely<Database>,
  tenantId: string,
  { limit, cursor }: { limit: number; cursor?: string | undefined },
): Promise<Page<ListedDelivery>> {
  let query = db
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
  if (cursor !== undefined) query = query.where('id', '<', decodeCursor(Position, cursor));

  const rows = await query
    .orderBy('id', 'desc')
    .limit(limit + 1)
    .execute();
  return toPage(
    rows,
    limit,
    (row): ListedDelivery => ({
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
    }),
    (row) => row.id,
  );
}
