import { sql, type Kysely, type Transaction } from 'kysely';
import type { Database } from '../db/database.ts';
import type { DueEvent } from './find-due-events.ts';

/** Four times as long as an attempt can take. An instance that holds a claim for longer has died. */
const CLAIM_MS = 60_000;
/** If an event waits behind one that is due, but has no slot yet, it is looked at again after this time. */
const BLOCKED_MS = 1_000;

export interface ClaimedEvent extends Omit<DueEvent, 'timedOut'> {
  /** Every attempt has another one. */
  claimId: string;
  type: string;
  /** Exactly the bytes that are posted. */
  body: string;
  /** How many attempts there were, with this one. */
  attempts: number;
  firstAttemptAt: Date;
  /** The trace of what it tells. */
  traceparent: string | null;
}

/**
 * Claims those of the events that are first in all their lanes, if nothing is under way in these lanes. Several instances may claim at
 * the same time. The others leave a claimed event alone until its claim is over; then it is due again.
 */
export async function claimEvents(db: Kysely<Database>, due: readonly DueEvent[], now: Date): Promise<ClaimedEvent[]> {
  if (due.length === 0) return [];
  return db.transaction().execute(async (trx) => {
    const free = await lockFreeLanes(
      trx,
      due.flatMap(({ lanes }) => lanes),
    );
    const ids = due.filter(({ lanes }) => lanes.every((lane) => free.has(lane))).map(({ id }) => id);
    if (ids.length === 0) return [];
    const claimedUntil = new Date(now.getTime() + CLAIM_MS);
    const { rows } = await sql<ClaimedEvent>`
      update host_event set claim_id = gen_random_uuid(), claimed_until = ${claimedUntil}, next_attempt_at = ${claimedUntil},
        attempts = case when resend_asked then 1 else attempts + 1 end,
        first_attempt_at = case when resend_asked then ${now} else coalesce(first_attempt_at, ${now}) end, resend_asked = false
      where id = any(array(
        select id from host_event as due
        where id = any(${ids}::uuid[]) and status = 'waiting' and next_attempt_at <= ${now} and (claimed_until is null or claimed_until <= ${now})
          and not exists (select from host_event as other where other.status = 'waiting' and other.lanes && due.lanes
            and other.id <> due.id and (other.position < due.position or other.claimed_until > ${now}))
        for update skip locked))
      returning id, claim_id as "claimId", position, tenant_id as "tenantId", type, lanes, body::text as body, attempts,
        first_attempt_at as "firstAttemptAt", traceparent`.execute(trx);
    const claimed = rows.sort((one, other) => one.position - other.position);
    const left = ids.filter((id) => !claimed.some((event) => event.id === id));
    if (left.length > 0) await putOffBlocked(trx, left, now);
    return claimed;
  });
}

/**
 * Locks those lanes that no other instance is claiming from now. Without the lock, two claims in one lane might not see each other,
 * for example those of an event that is sent again and of a later one.
 */
async function lockFreeLanes(trx: Transaction<Database>, lanes: readonly string[]): Promise<Set<string>> {
  const { rows } = await sql<{
    lane: string;
  }>`select lane from (select distinct unnest(${lanes}::text[]) as lane offset 0) wanted
    where pg_try_advisory_xact_lock(hashtextextended('host_event_claim:' || lane, 0))`.execute(trx);
  return new Set(rows.map(({ lane }) => lane));
}

/**
 * If events wait behind one that is under way, or that waits for its next attempt, they become due no earlier than that one. So a long
 * queue behind a failing event costs nothing. `storePostOutcome` makes the next event of each lane due. Rows that others hold are
 * skipped, so this never waits.
 */
async function putOffBlocked(trx: Transaction<Database>, ids: readonly string[], now: Date): Promise<void> {
  const soon = new Date(now.getTime() + BLOCKED_MS);
  await sql`
    with blocked as (select id, lanes, position from host_event where id = any(${ids}::uuid[]) and status = 'waiting'),
    blocker as (select other.id, other.lanes, other.position, greatest(other.next_attempt_at, ${soon}) as until, blocked.id as blocks
      from blocked join host_event as other on other.lanes && blocked.lanes and other.id <> blocked.id
        and (other.position < blocked.position or other.claimed_until > ${now})
      where other.status = 'waiting' for update of other skip locked),
    held as (select held.id, blocker.until from blocker join host_event as held on held.lanes && blocker.lanes
        and (held.position > blocker.position or held.id = blocker.blocks)
      where held.status = 'waiting' and held.id <> blocker.id and held.next_attempt_at < blocker.until
        and (held.claimed_until is null or held.claimed_until <= ${now}) for update of held skip locked)
    update host_event set next_attempt_at = held.until from held where host_event.id = held.id`.execute(trx);
}
