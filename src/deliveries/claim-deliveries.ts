import { sql, type Transaction } from 'kysely';
import type { Database } from '../db/database.ts';

export interface ClaimedDelivery {
  id: number;
  tenantId: string;
  accountUri: string;
  subscriptionId: string;
  receivedAt: Date;
  body: Buffer;
  /** True if it was signed with a key of the OAuth application, not with the subscription's own. */
  isApplicationSigned: boolean;
  /** The trace in which it came. */
  traceparent: string | null;
}

export interface Claim {
  most: number;
  among?: readonly number[] | undefined;
  turn?: readonly string[] | undefined;
}

const isDue = sql`verdict = 'received' and (next_attempt_at is null or next_attempt_at <= now())`;

/** The bytes of bodies that one batch reads into memory; the last body may exceed it. */
export const MOST_BYTES = 8 * 1024 * 1024;
/** If more waits than a batch takes, so many tenants are asked in turn, for so many deliveries each. */
const TENANTS = 50;
const MOST_OF_A_TENANT = 20;
/** How long to wait before trying a delivery again whose event another transaction has locked. */
const BUSY_MS = 250;

/**
 * Takes stored deliveries that are due, oldest first, and locks them until the transaction ends. It skips those that another instance has
 * locked. `among`: takes only these. `turn`: up to half of the batch comes from these tenants, so that they do not wait until thousands of
 * another tenant are applied. If the bodies do not all fit, the first ones of each tenant do.
 */
export async function claimDeliveries(
  trx: Transaction<Database>,
  { most, among, turn }: Claim,
): Promise<ClaimedDelivery[]> {
  const ofThese =
    among !== undefined
      ? sql`id = any(${among}::bigint[])`
      : turn !== undefined
        ? sql`id in (${inTurn(most, turn)})`
        : sql`true`;
  const { rows } = await sql<ClaimedDelivery>`
    with claimed as materialized (
      select id, tenant_id, body_bytes from delivery
      where ${isDue} and ${ofThese}
      order by id limit ${most} for update skip locked
    ), ranked as (
      select id, body_bytes, row_number() over (partition by tenant_id order by id) as rank from claimed
    ), fitting as (
      select id, sum(body_bytes) over (order by rank, id) - body_bytes as bytes_before from ranked
    )
    select delivery.id, tenant_id as "tenantId", account_uri as "accountUri", subscription_id as "subscriptionId",
      received_at as "receivedAt", coalesce(body, '') as body,
      application_key is not null as "isApplicationSigned", traceparent
    from fitting join delivery using (id) where bytes_before < ${MOST_BYTES}
    order by id`.execute(trx);
  return rows;
}

/**
 * Tenants with deliveries to apply that follow `after`; after the last tenant, it begins again with the first. Each one is found by one
 * step in the index.
 */
export async function tenantsInTurn(
  trx: Transaction<Database>,
  after: string,
): Promise<{ tenants: string[]; through: string }> {
  const next = (place: ReturnType<typeof sql>) =>
    sql`select tenant_id from delivery where verdict = 'received' and tenant_id > ${place} order by tenant_id limit 1`;
  const { rows } = await sql<{ tenantId: string }>`
    with recursive tenant as (
      (select tenant_id, 1 as place from (${next(sql`${after}`)}) first)
      union all
      select found.tenant_id, place + 1 from tenant cross join lateral (${next(sql`tenant.tenant_id`)}) found where place < ${TENANTS}
    )
    select tenant_id as "tenantId" from tenant order by place`.execute(trx);
  const tenants = rows.map(({ tenantId }) => tenantId);
  return { tenants, through: tenants.length < TENANTS ? '' : tenants.at(-1)! };
}

/** A few deliveries of each of these tenants, the oldest first, up to half of the batch. The rest of the batch are the oldest of all. */
function inTurn(most: number, tenants: readonly string[]) {
  return sql`
    with own as (
      select id from unnest(${tenants}::text[]) with ordinality as tenant (tenant_id, place) cross join lateral (
        select id, row_number() over (order by id) as rank from (
          select id from delivery where tenant_id = tenant.tenant_id and ${isDue} order by id limit ${MOST_OF_A_TENANT}) due) each
      order by rank, place limit ${most >> 1}
    ), candidate as (
      select id, 0 as part from own
      union all
      (select id, 1 from delivery where ${isDue} order by id limit ${most})
    )
    select id from candidate group by id order by min(part), id limit ${most}`;
}

/**
 * Returns those of the claimed deliveries whose tenant stays until the transaction ends. An erasure deletes the rows of subscriptions
 * first. If one is under way, the tenant's deliveries are left for later. If it is done, they are what it has missed, and are deleted. The
 * lock is the weakest kind, so it does not conflict with changes of a connection or its subscription.
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

/** Postpones deliveries whose events another transaction has locked. This does not count as a failure. */
export async function postponeDeliveries(trx: Transaction<Database>, ids: readonly number[]): Promise<void> {
  if (ids.length === 0) return;
  await sql`update delivery set next_attempt_at = clock_timestamp() + make_interval(secs => ${BUSY_MS / 1000})
    where id = any(${ids}::bigint[])`.execute(trx);
}
