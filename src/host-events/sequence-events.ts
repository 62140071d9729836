import { sql, type Kysely } from 'kysely';
import type { Database } from '../db/database.ts';

const MOST_AT_ONCE = 1_000;

/**
 * Gives committed events their positions in the feed, one after the other. The row of the feed is locked meanwhile, so positions become
 * visible in order and without gaps, and a reader at one position can never miss a smaller one. (If a number was taken while writing, a
 * transaction with a small number could commit late.) Events of one lane keep their order, because the next one is written only after the
 * former was committed. If another session has locked a row (its tenant is being erased), only the events of that tenant wait. `sending`:
 * whether they are also posted. Returns how many got a position; also 0 while another instance does this.
 */
export async function sequenceEvents(
  db: Kysely<Database>,
  { sending, now }: { sending: boolean; now: Date },
): Promise<number> {
  return db.transaction().execute(async (trx) => {
    const feed = await trx
      .selectFrom('host_event_feed')
      .select('last_position')
      .forUpdate()
      .skipLocked()
      .executeTakeFirst();
    if (feed === undefined) return 0;
    const { numAffectedRows = 0n } = await sql`
      update host_event set position = ${feed.last_position}::bigint + placed.place, status = ${sending ? 'waiting' : 'feed'}, next_attempt_at = ${now}
      from (
        with fresh as materialized (select id, tenant_id, seq from host_event where position is null order by seq limit ${MOST_AT_ONCE}),
        free as materialized (select id from host_event where id in (select id from fresh) for update skip locked),
        held as (select tenant_id, min(seq) as seq from fresh where id not in (select id from free) group by tenant_id)
        select id, row_number() over (order by fresh.seq) as place from fresh left join held using (tenant_id)
          where held.seq is null or fresh.seq < held.seq) placed
      where host_event.id = placed.id`.execute(trx);
    if (numAffectedRows > 0n) {
      await trx
        .updateTable('host_event_feed')
        .set({ last_position: feed.last_position + Number(numAffectedRows) })
        .execute();
    }
    return Number(numAffectedRows);
  });
}
