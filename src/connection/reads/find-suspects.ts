import { sql, type Kysely, type RawBuilder } from 'kysely';
import { MACHINE_VERSION } from '../../../machines/connection/index.ts';
import type { Database } from '../../db/database.ts';

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;
/** There can be many refused deliveries within an hour, but they belong to few tenants. */
const MOST_REFUSED = 20_000;

/**
 * Finds tenants who may not be well, at most `limit` by each sign. Every sign has an index of its own with few rows, and the search skips
 * from tenant to tenant. So it is fast with many tenants, and also if one tenant has nearly all the rows.
 */
export async function findSuspects(db: Kysely<Database>, now: Date, limit: number): Promise<string[]> {
  const ago = (ms: number) => new Date(now.getTime() - ms);
  const signs = [
    sql`select tenant_id from connection where state in ('error', 'authorizing', 'refreshing', 'syncingWebhooks')`,
    sql`select tenant_id from connection where state = 'connected' and substate = 'polling'`,
    sql`select tenant_id from connection where machine_version > ${MACHINE_VERSION}`,
    sql`select tenant_id from debt where settled_at is null`,
    sql`select tenant_id from oauth_grant where status = 'current' and refresh_failures > 0`,
    sql`select tenant_id from subscription where status = 'live' and (retry_started_at is not null or slow_since is not null)`,
    sql`select tenant_id from timer where name = 'backfill'`,
    sql`select tenant_id from timer where due_at < ${ago(3 * MINUTE)}`,
    sql`select tenant_id from effect where answered_at is null and created_at < ${ago(3 * MINUTE)}`,
    sql`select tenant_id from backfill where finished_at > ${ago(DAY)} and recovered > 0 and reason not in ('first', 'poll')`,
    steps('host_event', sql`status = 'parked'`, limit),
    steps('host_event', sql`status = 'waiting' and least(attempts, 1) = 1`, limit),
    steps('delivery', sql`verdict = 'received' and attempts > 0`, limit),
    sql`select distinct tenant_id from (select tenant_id from delivery where verdict like 'refused:%' and received_at > ${ago(60 * MINUTE)}
      order by received_at desc limit ${MOST_REFUSED}) as refused`,
  ];
  const each = signs.map((sign) => sql`(select tenant_id from (${sign}) as sign limit ${limit})`);
  const { rows } = await sql<{ tenant_id: string }>`${sql.join(each, sql` union `)} order by tenant_id`.execute(db);
  return rows.map(({ tenant_id: id }) => id);
}

/** Goes from tenant to tenant along an index that begins with the tenant, however many rows each one has. */
function steps(table: 'host_event' | 'delivery', condition: RawBuilder<unknown>, limit: number): RawBuilder<unknown> {
  const next = (after: RawBuilder<unknown>) =>
    sql`(select tenant_id from ${sql.table(table)} where ${condition} and tenant_id > ${after} order by tenant_id limit 1)`;
  return sql`with recursive step (tenant_id, number) as (
    select ${next(sql`''`)}, 1 union all select ${next(sql`step.tenant_id`)}, number + 1 from step where tenant_id is not null and number < ${limit}
  ) select tenant_id from step where tenant_id is not null`;
}
