import type { Kysely } from 'kysely';
import type { Database } from '../db/database.ts';

/** The times of a first back-fill. Its meetings do not count as missed. `until` is null while it runs. */
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
