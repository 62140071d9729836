import { sql, type Kysely, type RawBuilder } from 'kysely';
import type { Database } from '../db/database.ts';

export interface ResendFilter {
  /** One event, in any status. Without it: all parked ones. */
  id?: string | undefined;
  tenantId?: string | undefined;
}

const BATCH = 500;

/**
 * Makes events due again, at once and with the whole time for retries. Their id and body stay the same. In their lanes they come before
 * events that still wait there; events that were sent after them stay sent. An event that is under way is sent again after that attempt,
 * whether it succeeds or fails. Returns how many.
 */
export async function resendEvents(db: Kysely<Database>, { id, tenantId }: ResendFilter, now: Date): Promise<number> {
  if (id !== undefined) return (await resend(db, tenantId, sql`id = ${id}`, now)).length;
  // Older ones first, to keep the order within a lane. Events that are parked after this point are not included.
  const {
    rows: [newest],
  } = await sql<{ seq: number | null }>`select max(seq) as seq from host_event where status = 'parked'`.execute(db);
  let count = 0;
  for (let after = 0; newest!.seq !== null;) {
    const rows = await resend(
      db,
      tenantId,
      sql`id in (select id from host_event where status = 'parked' and seq > ${after}
      and seq <= ${newest!.seq} ${tenantId === undefined ? sql`` : sql`and tenant_id = ${tenantId}`} order by seq limit ${BATCH})`,
      now,
    );
    if (rows.length === 0) break;
    count += rows.length;
    after = rows.reduce((most, { seq }) => Math.max(most, seq), after);
  }
  return count;
}

async function resend(
  db: Kysely<Database>,
  tenantId: string | undefined,
  which: RawBuilder<unknown>,
  now: Date,
): Promise<{ seq: number }[]> {
  const underWay = sql`(status = 'waiting' and claim_id is not null and claimed_until > ${now})`;
  const unless = (column: string, otherwise: RawBuilder<unknown>) =>
    sql`${sql.ref(column)} = case when ${underWay} then ${sql.ref(column)} else ${otherwise} end`;
  const { rows } = await sql<{
    seq: number;
  }>`update host_event set resend_asked = ${underWay}, status = 'waiting', parked_at = null, sent_at = null,
      ${unless('attempts', sql`0`)}, ${unless('first_attempt_at', sql`null`)}, ${unless('next_attempt_at', sql`${now}`)},
      ${unless('claim_id', sql`null`)}, ${unless('claimed_until', sql`null`)}
    where ${which} and position is not null ${tenantId === undefined ? sql`` : sql`and tenant_id = ${tenantId}`} returning seq`.execute(
    db,
  );
  return rows;
}
