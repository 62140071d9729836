import { sql, type Kysely } from 'kysely';
import type { Database } from '../db/database.ts';
import { nextAttempt } from './back-off.ts';
import type { ClaimedEvent } from './claim-events.ts';
import type { SendFailure } from './send-event.ts';

export type Settled = 'sent' | 'waiting' | 'parked';

/** Stores what became of an attempt. One that fails to be stored is made again once its claim is over. */
export async function settleAttempt(db: Kysely<Database>, event: ClaimedEvent, failure: SendFailure | null,
  { now, parkAfterMs, random = Math.random() }: { now: Date; parkAfterMs: number; random?: number }): Promise<Settled> {
  // Only as long as the claim is ours: after a long freeze another instance may have sent it anew.
  const own = (trx: Kysely<Database>) => trx.updateTable('host_event').where('id', '=', event.id)
    .where('status', '=', 'waiting').where('attempts', '=', event.attempts);
  if (failure === null) {
    await own(db).set({ status: 'sent', sent_at: now, claimed_until: null, next_attempt_at: null, last_error: null }).execute();
    return 'sent';
  }
  const lastError = JSON.stringify({ code: failure.code, status: failure.status, at: now.toISOString() });
  const next = nextAttempt({
    attempts: event.attempts, failedAt: now, parkAt: new Date(event.firstAttemptAt.getTime() + parkAfterMs),
    retryAfterSeconds: failure.retryAfterSeconds, random,
  });
  if (next === null) {
    await own(db).set({ status: 'parked', parked_at: now, claimed_until: null, next_attempt_at: null, last_error: lastError }).execute();
    return 'parked';
  }
  await db.transaction().execute(async (trx) => {
    await own(trx).set({ next_attempt_at: next, claimed_until: null, last_error: lastError }).execute();
    // What it holds back need not be looked at before it: a long queue behind a failing event costs nothing.
    await sql`update host_event set next_attempt_at = greatest(next_attempt_at, ${next})
      where status = 'waiting' and lanes && ${event.lanes} and position > ${event.position}`.execute(trx);
  });
  return 'waiting';
}
