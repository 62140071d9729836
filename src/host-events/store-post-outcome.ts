import { sql, type Kysely, type Transaction } from 'kysely';
import type { Database } from '../db/database.ts';
import { nextAttemptAt } from './next-attempt-at.ts';
import type { ClaimedEvent } from './claim-events.ts';
import type { SendFailure } from './send-event.ts';

/** `again`: a person asked meanwhile to send it once more. `overtaken`: the claim was over, so this attempt no longer counts. */
export type PostOutcome = 'sent' | 'waiting' | 'parked' | 'again' | 'overtaken';

/** Stores what came of an attempt to post an event. If that cannot be stored, the event is sent again when its claim is over. */
export async function storePostOutcome(
  db: Kysely<Database>,
  event: ClaimedEvent,
  failure: SendFailure | null,
  { now, parkAfterMs, random = Math.random() }: { now: Date; parkAfterMs: number; random?: number },
): Promise<PostOutcome> {
  return db.transaction().execute(async (trx) => {
    // Only while the claim is ours: after a long freeze, another instance may have sent the event again.
    const row = await trx
      .selectFrom('host_event')
      .select('resend_asked')
      .where('id', '=', event.id)
      .where('claim_id', '=', event.claimId)
      .where('status', '=', 'waiting')
      .forUpdate()
      .executeTakeFirst();
    if (row === undefined) return 'overtaken';
    const lastError = failure && JSON.stringify({ code: failure.code, status: failure.status, at: now.toISOString() });
    const next =
      failure &&
      nextAttemptAt({
        attempts: event.attempts,
        failedAt: now,
        parkAt: new Date(event.firstAttemptAt.getTime() + parkAfterMs),
        retryAfterSeconds: failure.retryAfterSeconds,
        random,
      });
    const settled = row.resend_asked ? 'again' : failure === null ? 'sent' : next === null ? 'parked' : 'waiting';
    await trx
      .updateTable('host_event')
      .set({
        claim_id: null,
        claimed_until: null,
        last_error: lastError,
        next_attempt_at: null,
        ...(settled === 'sent' && { status: 'sent', sent_at: now }),
        ...(settled === 'parked' && { status: 'parked', parked_at: now }),
        ...(settled === 'waiting' && { next_attempt_at: next }),
        ...(settled === 'again' && { resend_asked: false, attempts: 0, first_attempt_at: null, next_attempt_at: now }),
      })
      .where('id', '=', event.id)
      .execute();
    await makeNextDue(trx, event, now);
    return settled;
  });
}

/** The events that are first in these lanes now were postponed while this event was under way or failing. */
async function makeNextDue(trx: Transaction<Database>, { id, lanes }: ClaimedEvent, now: Date): Promise<void> {
  await sql`update host_event set next_attempt_at = ${now} where id in (select id from host_event
    where id in (select head.id from unnest(${lanes}::text[]) as lane cross join lateral (select id from host_event
        where status = 'waiting' and lanes @> array[lane] order by position limit 1) head)
      and id <> ${id} and next_attempt_at > ${now} and (claimed_until is null or claimed_until <= ${now}) for update skip locked)`.execute(
    trx,
  );
}
