import { sql, type Kysely } from 'kysely';
import type { Database } from '../db/database.ts';

/** Longer than an attempt can take: who holds a claim for longer is gone. */
const CLAIM_MS = 60_000;

export interface ClaimedEvent {
  id: string;
  position: number;
  tenantId: string;
  type: string;
  lanes: string[];
  /** Exactly the bytes that are posted. */
  body: string;
  /** This attempt counted in. */
  attempts: number;
  firstAttemptAt: Date;
}

/**
 * Takes events that are due and that nothing in their lanes comes before. Any number of instances may do so: a claimed event
 * is left alone by the others until its claim is over.
 */
export async function claimEvents(db: Kysely<Database>, now: Date, limit: number): Promise<ClaimedEvent[]> {
  const claimedUntil = new Date(now.getTime() + CLAIM_MS);
  const { rows } = await sql<ClaimedEvent>`
    update host_event set attempts = attempts + 1, first_attempt_at = coalesce(first_attempt_at, ${now}), claimed_until = ${claimedUntil}
    where id = any(array(
      select id from host_event as due
      where status = 'waiting' and next_attempt_at <= ${now} and (claimed_until is null or claimed_until <= ${now})
        and not exists (select from host_event as earlier
          where earlier.status = 'waiting' and earlier.lanes && due.lanes and earlier.position < due.position)
      order by next_attempt_at, position limit ${limit} for update skip locked))
    returning id, position, tenant_id as "tenantId", type, lanes, body::text as body, attempts, first_attempt_at as "firstAttemptAt"`.execute(db);
  return rows.sort((one, other) => one.position - other.position);
}
