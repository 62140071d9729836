import { sql, type Transaction } from 'kysely';
import type { Database } from '../db/database.ts';

/** Events that share a lane go out one after the other; a failing one holds back only what comes after it in its lanes. */
export const connectionLane = (tenantId: string): string => `connection:${tenantId}`;
export const meetingLane = (meetingId: string): string => `meeting:${meetingId}`;

/**
 * Until the caller's transaction ends, nobody else writes an event into these lanes: within a lane, the order of writing is
 * the order of committing. A transaction takes all that it needs at once and in one order, so that no two wait for each other.
 */
export async function lockLanes(trx: Transaction<Database>, lanes: readonly string[]): Promise<void> {
  const sorted = [...new Set(lanes)].sort();
  await sql`select pg_advisory_xact_lock(hashtextextended('host_event:' || lane, 0))
    from unnest(${sorted}::text[]) with ordinality as wanted (lane, place) order by place`.execute(trx);
}
