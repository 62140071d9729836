import { sql, type Kysely } from 'kysely';
import type { Database } from '../db/database.ts';

export interface LastDelivery {
  subscriptionId: string;
  receivedAt: Date;
}

/**
 * Writes the time of the last delivery of each subscription, once for a batch. Locked rows are skipped, so that this never waits for a
 * connection's transaction. Returns the skipped ones, to be written later.
 */
export async function noteLastDeliveries(
  db: Kysely<Database>,
  deliveries: readonly LastDelivery[],
): Promise<LastDelivery[]> {
  const latest = new Map<string, Date>();
  for (const { subscriptionId, receivedAt } of deliveries) {
    const known = latest.get(subscriptionId);
    if (known === undefined || known < receivedAt) latest.set(subscriptionId, receivedAt);
  }
  if (latest.size === 0) return [];
  const { rows } = await sql<{ id: string }>`
    update subscription set last_delivery_at = greatest(last_delivery_at, latest.at)
    from (
      select subscription.id, given.at from unnest(${[...latest.keys()]}::uuid[], ${[...latest.values()]}::timestamptz[]) as given (id, at)
      join subscription on subscription.id = given.id
      for no key update of subscription skip locked
    ) as latest
    where subscription.id = latest.id
    returning subscription.id`.execute(db);
  for (const { id } of rows) latest.delete(id);
  return [...latest].map(([subscriptionId, receivedAt]) => ({ subscriptionId, receivedAt }));
}

/** Calendly waits 15 s for an answer. A third of that counts as slow. */
export const SLOW_MS = 5_000;

/** Counts deliveries that were answered slowly, from 0 each day. */
export async function noteSlowDelivery(db: Kysely<Database>, subscriptionId: string, now: Date): Promise<void> {
  const recent = sql<boolean>`slow_since > ${now}::timestamptz - interval '1 day'`;
  await db
    .updateTable('subscription')
    .set({
      slow_deliveries: sql`case when ${recent} then slow_deliveries + 1 else 1 end`,
      slow_since: sql`case when ${recent} then slow_since else ${now}::timestamptz end`,
    })
    .where('id', '=', subscriptionId)
    .execute();
}
