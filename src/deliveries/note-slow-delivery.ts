import { sql, type Kysely } from 'kysely';
import type { Database } from '../db/database.ts';

/** Calendly waits 15 s for an answer. A third of that counts as slow. */
export const SLOW_MS = 5_000;

/** Counts a delivery that was answered slowly, anew each day. */
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
