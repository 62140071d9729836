import { sql, type Kysely } from 'kysely';
import type { Database } from '../../db/database.ts';

interface Counted {
  count: number;
  since: string;
}

/** A tenant's row, with rows of other tables that may be signs of trouble. Times inside JSON are text. */
export interface Signs {
  tenant_id: string;
  snapshot: unknown;
  machine_version: number;
  version: number;
  state: string;
  substate: string | null;
  since: Date;
  unwell_since: Date | null;
  erase_requested_at: Date | null;
  subscription_id: string | null;
  last_delivery_at: Date | null;
  slow_since: Date | null;
  slow_deliveries: number | null;
  refresh_failed_at: Date | null;
  refresh_open: Date | null;
  refresh_lost: Date | null;
  overdue: { what: string; at: string } | null;
  refused: (Counted & { last: string }) | null;
  unreadable: Counted | null;
  unapplied: (Counted & { error: string | null }) | null;
  parked: (Counted & { error: { code: string; status: number | null } | null }) | null;
  refusing: { attempts: number; since: string; error: { code: string; status: number | null } | null } | null;
  run: { reason: string; updated_at: string; finished_at: string | null; recovered: number; skipped: number } | null;
}

/** How many of the newest deliveries are looked at. */
const LATEST = 20;
const MOST_COUNTED = 1_000;
const MOST_OVERDUE = 10_000;
const MINUTE = 60_000;

/**
 * One statement for one tenant or for thousands. It says `tenant_id between id and id` and not `tenant_id = id` on purpose: with an
 * equality, PostgreSQL may choose an index in the requested order, and if another tenant owns nearly all rows, it reads all of them for a
 * small tenant.
 */
export async function readSigns(db: Kysely<Database>, tenantIds: readonly string[], now: Date): Promise<Signs[]> {
  const ago = (minutes: number) => new Date(now.getTime() - minutes * MINUTE);
  const { rows } = await sql<Signs>`
    with late as materialized (
      (select tenant_id, name as what, due_at as at from timer where due_at < ${ago(3)} order by due_at limit ${MOST_OVERDUE})
      union all
      (select tenant_id, type, created_at from effect
        where answered_at is null and begun_at is null and type <> 'backfillMeetings' and created_at < ${ago(3)}
        order by created_at limit ${MOST_OVERDUE})
    ), overdue as (select distinct on (tenant_id) tenant_id, what, at from late order by tenant_id, at)
    select c.tenant_id, c.snapshot, c.machine_version, c.version, c.state, c.substate, c.since, c.unwell_since, c.erase_requested_at,
      s.id as subscription_id, s.last_delivery_at, s.slow_since, s.slow_deliveries, g.refresh_failed_at,
      (select started_at from refresh_intent where grant_id = g.id and answered_at is null) as refresh_open,
      (select max(answered_at) from (select answered_at, outcome, refresh_token_id from refresh_intent where grant_id = g.id
        order by started_at desc limit ${LATEST}) as latest where outcome = 'in_doubt' and refresh_token_id = g.refresh_token_id) as refresh_lost,
      (select json_build_object('what', what, 'at', at) from overdue where overdue.tenant_id = c.tenant_id) as overdue,
      (select json_build_object('count', count(*), 'since', min(received_at), 'last', (array_agg(verdict order by received_at desc))[1])
        from (select received_at, verdict from delivery where subscription_id = s.id and verdict like 'refused:%'
          and received_at > greatest(${ago(60)}::timestamptz, s.last_delivery_at) order by received_at desc limit ${MOST_COUNTED}) as refused
        having count(*) > 0) as refused,
      (select json_build_object('count', count(*), 'since', min(received_at)) from (select received_at, verdict from delivery
        where tenant_id between c.tenant_id and c.tenant_id order by tenant_id desc, id desc limit ${LATEST}) as latest
        where verdict = 'unreadable' having count(*) > 0) as unreadable,
      (select json_build_object('count', count(*), 'since', min(received_at), 'error', (array_agg(last_error order by id))[1])
        from (select id, received_at, last_error from delivery where tenant_id between c.tenant_id and c.tenant_id
          and verdict = 'received' and attempts > 0 order by tenant_id, id limit ${MOST_COUNTED}) as unapplied
        having count(*) > 0) as unapplied,
      (select json_build_object('count', count(*), 'since', min(parked_at), 'error', (array_agg(last_error order by seq))[1])
        from (select seq, parked_at, last_error from host_event where tenant_id between c.tenant_id and c.tenant_id
          and status = 'parked' order by tenant_id, seq limit ${MOST_COUNTED}) as parked
        having count(*) > 0) as parked,
      (select json_build_object('attempts', attempts, 'since', coalesce(first_attempt_at, recorded_at), 'error', last_error)
        from host_event where tenant_id between c.tenant_id and c.tenant_id and status = 'waiting' and least(attempts, 1) = 1
          and last_error is not null
        order by least(attempts, 1), tenant_id, next_attempt_at limit 1) as refusing,
      (select json_build_object('reason', reason, 'updated_at', updated_at, 'finished_at', finished_at, 'recovered', recovered, 'skipped', skipped)
        from backfill where tenant_id between c.tenant_id and c.tenant_id order by tenant_id desc, run desc limit 1) as run
    from connection c
    left join subscription s on s.tenant_id = c.tenant_id and s.status = 'live'
    left join oauth_grant g on g.tenant_id = c.tenant_id and g.status = 'current'
    where c.tenant_id = any(${tenantIds}::text[])
    order by c.tenant_id`.execute(db);
  return rows;
}
