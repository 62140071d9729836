import { sql, type Kysely } from 'kysely';
import type { Database } from '../db/database.ts';

export interface ResendFilter {
  /** One event, whatever became of it. Without it: all that are parked. */
  id?: string | undefined;
  tenantId?: string | undefined;
}

/**
 * Has events sent again, at once and with the whole time for retries: the same id, the same body. In their lanes they come
 * before what still waits there; what was sent after them meanwhile stays sent. Returns how many.
 */
export async function resendEvents(db: Kysely<Database>, { id, tenantId }: ResendFilter, now: Date): Promise<number> {
  return db.transaction().execute(async (trx) => {
    let query = trx.updateTable('host_event').set({
      status: 'waiting', attempts: 0, first_attempt_at: null, next_attempt_at: now, parked_at: null, sent_at: null,
      // An attempt under way goes on, and its answer counts for nothing.
      claimed_until: null,
    }).where('position', 'is not', null);
    query = id === undefined ? query.where('status', '=', 'parked') : query.where('id', '=', id);
    if (tenantId !== undefined) query = query.where('tenant_id', '=', tenantId);
    const rows = await query.returning('lanes').execute();
    const lanes = [...new Set(rows.flatMap((row) => row.lanes))];
    // What they held back was put off with them.
    await sql`update host_event set next_attempt_at = ${now}
      where status = 'waiting' and lanes && ${lanes} and next_attempt_at > ${now}`.execute(trx);
    return rows.length;
  });
}
