import { sql, type Kysely } from 'kysely';
import type { Database } from '../db/database.ts';
import type { JobSource } from './job-source.ts';

/** A timer as it was set. If it is set again, it gets another id. */
export interface DueTimer {
  tenantId: string;
  name: string;
  id: string;
}

/** If a worker has died, its timer is taken again after this time, as any other job. */
const CLAIM_SECONDS = 15;
const LONGEST_PAUSE_SECONDS = 60;

/**
 * Due timers, read directly from their table. The queues' clock decides when they are due. The claim is a statement of its own: a timer's
 * run locks the connection first, and must not hold the timer's row while it waits.
 */
export function timerSource(db: Kysely<Database>): JobSource<DueTimer> {
  const claimUntil = sql`pgboss.job_now() + make_interval(secs => ${CLAIM_SECONDS})`;
  return {
    name: 'timers',
    async fetch(most) {
      const { rows } = await sql<DueTimer>`
        update timer set claimed_until = ${claimUntil} from (
          select tenant_id, name from timer
          where due_at <= pgboss.job_now() and (claimed_until is null or claimed_until <= pgboss.job_now())
          order by due_at limit ${most} for update skip locked
        ) as due
        where timer.tenant_id = due.tenant_id and timer.name = due.name
        returning timer.tenant_id as "tenantId", timer.name, timer.job_id as id`.execute(db);
      return rows;
    },
    touch: (timers) =>
      sql`update timer set claimed_until = ${claimUntil}
        from unnest(${timers.map(({ tenantId }) => tenantId)}::text[], ${timers.map(({ name }) => name)}::text[],
          ${timers.map(({ id }) => id)}::uuid[]) as held (tenant_id, name, id)
        where timer.tenant_id = held.tenant_id and timer.name = held.name and timer.job_id = held.id`.execute(db),
    fail: ({ tenantId, name, id }) =>
      sql`update timer set failures = least(failures + 1, 100), claimed_until = pgboss.job_now()
          + make_interval(secs => least(${LONGEST_PAUSE_SECONDS}, power(2, least(failures, 10))))
        where tenant_id = ${tenantId} and name = ${name} and job_id = ${id}`.execute(db),
  };
}
