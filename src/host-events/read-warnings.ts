import { sql, type Kysely } from 'kysely';
import type { Database } from '../db/database.ts';
import type { HostEvent, WarningData } from './host-event.ts';

export interface ListedWarning extends WarningData {
  id: string;
  at: string;
}

/** Younger warnings are shown on every page of the tenant. */
const RECENT_MS = 24 * 3_600_000;
/** More than a person reads, and few enough to count quickly. */
const MOST = 100;

/** Newest first. */
export async function readWarnings(db: Kysely<Database>, tenantId: string, limit: number): Promise<ListedWarning[]> {
  const rows = await db
    .selectFrom('host_event')
    .select(['id', 'body'])
    .where('tenant_id', '=', tenantId)
    .where('type', '=', 'connection.warning')
    .orderBy('seq', 'desc')
    .limit(limit)
    .execute();
  return rows.map(({ id, body }) => {
    const { timestamp, data } = body as unknown as HostEvent & { data: WarningData };
    return { id, at: timestamp, ...data };
  });
}

/** How many warnings each tenant has had in the last day (`MOST` at most); those without one are left out. */
export async function countRecentWarnings(
  db: Kysely<Database>,
  tenantIds: readonly string[],
  now: Date,
): Promise<ReadonlyMap<string, number>> {
  if (tenantIds.length === 0) return new Map();
  const since = new Date(now.getTime() - RECENT_MS);
  const { rows } = await sql<{ tenant_id: string; count: string }>`
    select tenant.id as tenant_id, count(*) as count from unnest(${tenantIds}::text[]) as tenant (id)
    cross join lateral (select recorded_at from host_event where tenant_id = tenant.id and type = 'connection.warning'
      order by seq desc limit ${MOST}) as warning
    where warning.recorded_at > ${since} group by tenant.id`.execute(db);
  return new Map(rows.map(({ tenant_id: id, count }) => [id, Number(count)]));
}
