import type { Kysely } from 'kysely';
import type { Database } from '../db/database.ts';

/** When first back-fills ran: what they brought was missed by nobody. `until` null: one is still running. */
export interface FirstBackfill {
  from: Date;
  until: Date | null;
}

export async function readFirstBackfills(db: Kysely<Database>, tenantId: string): Promise<FirstBackfill[]> {
  const rows = await db
    .selectFrom('backfill')
    .select(['started_at', 'finished_at'])
    .where('tenant_id', '=', tenantId)
    .where('reason', '=', 'first')
    .execute();
  return rows.map((row) => ({ from: row.started_at, until: row.finished_at }));
}
