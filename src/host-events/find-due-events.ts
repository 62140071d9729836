import { sql, type Kysely } from 'kysely';
import type { Database } from '../db/database.ts';

/** First attempts and retries have slots of their own, so each kind is read separately. */
export type AttemptKind = 'first' | 'retry';

export interface DueEvent {
  id: string;
  position: number;
  tenantId: string;
  lanes: string[];
  /** True if the host did not answer the last attempt in time. */
  timedOut: boolean;
}

/** How many events are read in one look. */
const MOST_EVENTS = 200;
/** How many tenants are asked in turn in one look. */
const MOST_TENANTS = 200;

const isDue = (
  kind: AttemptKind,
  now: Date,
) => sql`status = 'waiting' and least(attempts, 1) = ${kind === 'first' ? 0 : 1}
  and next_attempt_at <= ${now} and (claimed_until is null or claimed_until <= ${now})`;
const columns = sql`id, position, tenant_id as "tenantId", lanes, coalesce(last_error->>'code' = 'timeout', false) as "timedOut"`;

/** The events that have been due for the longest, of any tenant. `all`: true if there are no others. */
export async function findDueEvents(
  db: Kysely<Database>,
  kind: AttemptKind,
  now: Date,
): Promise<{ due: DueEvent[]; all: boolean }> {
  const { rows } = await sql<DueEvent>`select ${columns} from host_event where ${isDue(kind, now)}
    order by next_attempt_at, position limit ${MOST_EVENTS}`.execute(db);
  return { due: rows, all: rows.length < MOST_EVENTS };
}

/**
 * A few due events of each of the tenants that follow `after`, so that others are found although one tenant has thousands.
 * `through`: the last tenant that was asked; null after the last tenant of all.
 */
export async function findDueEventsByTenant(
  db: Kysely<Database>,
  kind: AttemptKind,
  now: Date,
  { after, except, each }: { after: string; except: readonly string[]; each: number },
): Promise<{ due: DueEvent[]; through: string | null }> {
  const next = (place: ReturnType<typeof sql>) => sql`select tenant_id from host_event
    where status = 'waiting' and least(attempts, 1) = ${kind === 'first' ? 0 : 1} and tenant_id > ${place} order by tenant_id limit 1`;
  const { rows } = await sql<Omit<DueEvent, 'id'> & { id: string | null; tenant: string }>`
    with recursive tenant as (
      (select tenant_id, 1 as place from (${next(sql`${after}`)}) one)
      union all
      select found.tenant_id, place + 1 from tenant cross join lateral (${next(sql`tenant.tenant_id`)}) found where place < ${MOST_TENANTS})
    select tenant.tenant_id as tenant, due.* from tenant left join lateral (
      select ${columns} from host_event
      where tenant_id = case when tenant.tenant_id <> all(${except}::text[]) then tenant.tenant_id end and ${isDue(kind, now)}
      order by next_attempt_at, position limit ${each}) due on true
    order by tenant.place`.execute(db);
  const asked = new Set(rows.map((row) => row.tenant)).size;
  return {
    due: rows.filter((row): row is typeof row & DueEvent => row.id !== null),
    through: asked < MOST_TENANTS ? null : rows.at(-1)!.tenant,
  };
}
