import { sql, type Kysely, type Transaction } from 'kysely';
import type { Database } from '../db/database.ts';
import { nextAttempt } from './back-off.ts';
import type { ClaimedEvent } from './claim-events.ts';
import type { SendFailure } from './send-event.ts';

/**
 * `again`: someone had asked for it to be sent once more meanwhile · `overtaken`: the claim was over, and what became of this
 * attempt counts no more.
 */
export type Settled = 'sent' | 'waiting' | 'parked' | 'again' | 'overtaken';

/** Stores what became of an attempt. One that fails to be stored is made again once its claim is over. */
export async function settleAttempt(
  db: Kysely<Database>,
  event: ClaimedEvent,
  failure: SendFailure | null,
  { now, parkAfterMs, random = Math.random() }: { now: Date; parkAfterMs: number; random?: number },
): Promise<Settled> {
  return db.transaction().execute(async (trx) => {
    // Only as long as the claim is ours: after a long freeze another instance may have sent it anew.
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
      nextAttempt({
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
    await callNext(trx, event, now);
    return settled;
  });
}

/** Whoever is first in these lanes now was put off as long as this event was under way, or held it back. */
async function callNext(trx: Transaction<Database>, { id, lanes }: ClaimedEvent, now: Date): Promise<void> {
  await sql`update host_event set next_attempt_at = ${now} where id in (select id from host_event
    where id in (select head.id from unnest(${lanes}::text[]) as lane cross join lateral (select id from host_event
        where status = 'waiting' and lanes @> array[lane] order by position limit 1) head)
      and id <> ${id} and next_attempt_at > ${now} and (claimed_until is null or claimed_until <= ${now}) for update skip locked)`.execute(
    trx,
  );
}
