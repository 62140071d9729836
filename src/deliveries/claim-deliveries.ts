import { sql, type Transaction } from 'kysely';
import type { Database } from '../db/database.ts';

export interface ClaimedDelivery {
  id: number;
  tenantId: string;
  accountUri: string;
  subscriptionId: string;
  receivedAt: Date;
  body: Buffer;
  /** It was signed with a key of the OAuth application, not with the subscription's own. */
  isApplicationSigned: boolean;
}

/** Bodies that one batch holds in memory, give or take one body. */
export const MOST_BYTES = 8 * 1024 * 1024;
/** How long one is left alone that somebody else is at. */
const BUSY_MS = 250;

/**
 * Stored deliveries that are due, oldest first, locked until the transaction ends: those that another instance has in hand are
 * passed over. `among`: of these alone.
 */
export async function claimDeliveries(
  trx: Transaction<Database>,
  { most, among }: { most: number; among?: readonly number[] | undefined },
): Promise<ClaimedDelivery[]> {
  const ofThese = among === undefined ? sql`true` : sql`id = any(${among}::bigint[])`;
  const { rows } = await sql<ClaimedDelivery>`
    with claimed as materialized (
      select id, body_bytes from delivery
      where verdict = 'received' and (next_attempt_at is null or next_attempt_at <= now()) and ${ofThese}
      order by id limit ${most} for update skip locked
    ), fitting as (
      select id, sum(body_bytes) over (order by id) - body_bytes as bytes_before from claimed
    )
    select delivery.id, tenant_id as "tenantId", account_uri as "accountUri", subscription_id as "subscriptionId",
      received_at as "receivedAt", coalesce(body, '') as body,
      application_key is not null as "isApplicationSigned"
    from fitting join delivery using (id) where bytes_before < ${MOST_BYTES}
    order by id`.execute(trx);
  return rows;
}

/**
 * Of the claimed ones, those whose tenant stays until the transaction ends. An erasure deletes the rows of subscriptions first:
 * where that is under way, they are left for later, and where it is done they are what it missed, and go.
 * The lock is the weakest there is: whoever changes a connection and its subscription neither waits nor is waited for.
 */
export async function keepTenants(
  trx: Transaction<Database>,
  claimed: readonly ClaimedDelivery[],
): Promise<{ kept: ClaimedDelivery[]; beingErased: ClaimedDelivery[] }> {
  const ids = [...new Set(claimed.map(({ subscriptionId }) => subscriptionId))];
  const locked = await sql<{ id: string }>`
    select id from subscription where id = any(${ids}::uuid[]) for key share skip locked`.execute(trx);
  const held = new Set(locked.rows.map(({ id }) => id));
  const kept = claimed.filter(({ subscriptionId }) => held.has(subscriptionId));
  if (kept.length === claimed.length) return { kept, beingErased: [] };
  const others = claimed.filter(({ subscriptionId }) => !held.has(subscriptionId));
  const present = await sql<{ id: string }>`select id from subscription where id = any(${ids}::uuid[])`.execute(trx);
  const known = new Set(present.rows.map(({ id }) => id));
  const orphans = others.filter(({ subscriptionId }) => !known.has(subscriptionId)).map(({ id }) => id);
  if (orphans.length > 0) await sql`delete from delivery where id = any(${orphans}::bigint[])`.execute(trx);
  return { kept, beingErased: others.filter(({ subscriptionId }) => known.has(subscriptionId)) };
}

/** Leaves deliveries for a little later because somebody else is at what they are about: that is no failure. */
export async function postponeDeliveries(trx: Transaction<Database>, ids: readonly number[]): Promise<void> {
  if (ids.length === 0) return;
  await sql`update delivery set next_attempt_at = clock_timestamp() + make_interval(secs => ${BUSY_MS / 1000})
    where id = any(${ids}::bigint[])`.execute(trx);
}
