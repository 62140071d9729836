import { sql, type Kysely } from 'kysely';
import type { Database } from '../../../src/db/database.ts';
import { BACKFILLS_QUEUE, EFFECTS_QUEUE } from '../../../src/jobs/queues.ts';

const QUEUES = [EFFECTS_QUEUE, BACKFILLS_QUEUE];
/** SQLSTATE deadlock_detected. */
const DEADLOCK = '40P01';
const MOST_DEADLOCKS = 10;

/** Puts the clock of pg-boss into our hands: its one clock function reads an offset from a table of ours. */
export async function installMovableClock(db: Kysely<Database>): Promise<void> {
  await sql`create table test_clock as select interval '0' as moved`.execute(db);
  await sql`create or replace function pgboss.job_now() returns timestamptz language sql stable
    as 'select pg_catalog.now() + (select moved from public.test_clock)'`.execute(db);
}

/**
 * Jobs that are being worked on stay claimed: the world's time moves, and their worker does not stand still. This changes rows of many
 * tenants at once, in no order, while services change them too. Where PostgreSQL ends it as one side of a deadlock, nothing of it was
 * done, and it is done again.
 */
export async function moveQueueClock(db: Kysely<Database>, offsetMs: number, byMs: number): Promise<void> {
  const move = () =>
    db.transaction().execute(async (trx) => {
      await sql`update test_clock set moved = ${offsetMs} * interval '1 ms'`.execute(trx);
      await sql`update timer set claimed_until = claimed_until + ${byMs} * interval '1 ms' where failures = 0`.execute(
        trx,
      );
      await sql`update pgboss.job set heartbeat_on = heartbeat_on + ${byMs} * interval '1 ms', started_on = started_on + ${byMs} * interval '1 ms'
        where state = 'active'`.execute(trx);
    });
  for (let deadlocks = 0; ; deadlocks++) {
    try {
      await move();
      break;
    } catch (error) {
      if ((error as { code?: string }).code !== DEADLOCK || deadlocks === MOST_DEADLOCKS) throw error;
    }
  }
  await wakeWorkers(db);
}

/** What pg-boss itself sends when a job is ready; for those that became so because time was moved. */
export async function wakeWorkers(db: Kysely<Database>): Promise<void> {
  for (const queue of QUEUES) {
    await sql`select pg_notify('pgboss_' || left(encode(sha224('pgboss'::bytea), 'hex'), 24), ${queue})`.execute(db);
  }
}

/** What is being worked on, or could be. */
export async function jobsAtWork(db: Kysely<Database>): Promise<object[]> {
  const { rows } =
    await sql<object>`select job.name, job.state, job.retry_count, job.start_after, job.started_on, job.heartbeat_on, job.data,
      effect.type, effect.tenant_id, effect.runs, effect.answer, pgboss.job_now() as now
    from pgboss.job left join effect on effect.id::text = job.data->>'effectId' where job.name = any(${QUEUES})
    and (job.state = 'active' or (job.state in ('created', 'retry') and job.start_after <= pgboss.job_now()))`.execute(
      db,
    );
  const { rows: timers } =
    await sql<object>`select * from timer where greatest(due_at, claimed_until) <= pgboss.job_now()
    or (claimed_until is not null and failures = 0)`.execute(db);
  return [...rows, ...timers];
}

/** What the supervisor does a heartbeat (10 s) after every worker has died, at once. Only while no service runs. */
export async function giveUpDeadWorkers(db: Kysely<Database>): Promise<void> {
  await sql`update pgboss.job set state = 'retry', retry_count = retry_count + 1, start_after = pgboss.job_now(), heartbeat_on = null
    where state = 'active'`.execute(db);
  await sql`update timer set claimed_until = null where failures = 0`.execute(db);
}

/**
 * Milliseconds until something happens by itself, or undefined when nothing does any more: postponed effects, and timers whose
 * names match. Upkeep that goes on forever (`refresh`, `recheck`, `poll`) is left out by the caller's pattern.
 */
export async function untilNextJob(db: Kysely<Database>, timers: RegExp): Promise<number | undefined> {
  const { rows } = await sql<{ name: string | null; ms: number }>`
    select name, greatest(0, extract(epoch from at - pgboss.job_now()) * 1000)::float8 as ms from (
      select null as name, start_after as at from pgboss.job where name = any(${QUEUES}) and state in ('created', 'retry')
      union all select name, greatest(due_at, claimed_until) from timer
    ) as next order by ms`.execute(db);
  return rows.find(({ name }) => name === null || timers.test(name))?.ms;
}
