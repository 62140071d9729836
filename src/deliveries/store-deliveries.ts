import { sql, type Kysely } from 'kysely';
import type { SigningKey, VerifiedDelivery } from '../calendly/signature.ts';
import type { Database } from '../db/database.ts';
import { prepared } from '../db/prepared-statements.ts';

export type Receipt = Readonly<{
  subscriptionId: string;
  delivery: VerifiedDelivery;
  receivedAt: Date;
  traceparent: string | null;
}>;

/**
 * Stores verified deliveries in one statement, which is their commit. Tenant and account are those of the subscription, whatever the
 * payload says, because the subscription's signature proves it. If the application's key has signed, `readDelivery` checks more. Returns
 * the id of each, or null if the subscription is gone or was retired meanwhile. It locks no row and waits for none.
 */
export async function storeDeliveries(db: Kysely<Database>, receipts: readonly Receipt[]): Promise<(number | null)[]> {
  // All bodies in one value, which goes to the database as it is. In an array each would be written as hexadecimal text first.
  const bodies = receipts.map(({ delivery }) => delivery.rawBody);
  let end = 0;
  const starts = bodies.map(({ length }) => (end += length) - length);
  const { rows } = await sql<{ id: number; subscription_id: string }>`${prepared('store-deliveries')}
    insert into delivery (tenant_id, account_uri, subscription_id, received_at, signed_at, signing_key_id, application_key, verdict, body_bytes, body, traceparent)
    select subscription.tenant_id, subscription.account_uri, subscription.id, receipt.received_at, receipt.signed_at, receipt.key_id, receipt.application_key,
      'received', receipt.bytes, substring(${Buffer.concat(bodies)}::bytea from receipt.start + 1 for receipt.bytes), receipt.traceparent
    from unnest(
      ${receipts.map(({ subscriptionId }) => subscriptionId)}::uuid[], ${receipts.map(({ receivedAt }) => receivedAt.toISOString())}::timestamptz[],
      ${receipts.map(({ delivery }) => delivery.signedAt.toISOString())}::timestamptz[], ${receipts.map(keyOf('subscription'))}::uuid[],
      ${receipts.map(keyOf('application'))}::text[], ${starts}::integer[], ${bodies.map(({ length }) => length)}::integer[],
      ${receipts.map(({ traceparent }) => traceparent)}::text[]
    ) with ordinality as receipt (subscription_id, received_at, signed_at, key_id, application_key, start, bytes, traceparent, place)
    join subscription on subscription.id = receipt.subscription_id and subscription.status not in ('retired', 'deleted')
    order by receipt.place
    returning id, subscription_id`.execute(db);
  const idsOf = new Map<string, number[]>();
  for (const { id, subscription_id: subscriptionId } of rows) {
    idsOf.set(subscriptionId, [...(idsOf.get(subscriptionId) ?? []), id]);
  }
  // Of one subscription, all deliveries are stored, in the order in which they came, or none of them.
  return receipts.map(({ subscriptionId }) => idsOf.get(subscriptionId.toLowerCase())?.shift() ?? null);
}

const keyOf =
  (of: SigningKey['of']) =>
  ({ delivery: { key } }: Receipt): string | null =>
    key.of === of ? key.id : null;
