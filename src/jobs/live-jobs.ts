import { sql, type Kysely, type RawBuilder, type Transaction } from 'kysely';
import type { Database } from '../db/database.ts';

/** What pg-boss knows about one job. */
export interface Job {
  state: string;
  /** The job does not run before this time. */
  startAfter: Date;
  retryCount: number;
}

/** Reads those of these jobs that pg-boss still has, by id. pg-boss keeps a finished job for an hour. */
export async function readJobs(
  db: Kysely<Database>,
  queues: readonly string[],
  ids: readonly string[],
): Promise<Map<string, Job>> {
  if (ids.length === 0) return new Map();
  const { rows } = await sql<{ id: string; state: string; start_after: Date; retry_count: number }>`
    select id::text, state::text, start_after, retry_count from pgboss.job
    where name = any(${queues}) and id = any(${ids}::uuid[])`.execute(db);
  return new Map(
    rows.map((row) => [row.id, { state: row.state, startAfter: row.start_after, retryCount: row.retry_count }]),
  );
}

/** True if the job in this column waits or runs. */
export const isAlive = (jobId: 'effect.job_id'): RawBuilder<boolean> =>
  sql<boolean>`exists (select from pgboss.job where job.id = ${sql.ref(jobId)} and job.state in ('created', 'retry', 'active'))`;

/** Sets the priority of those of these jobs that have not begun. */
export async function hurryJobs(trx: Transaction<Database>, ids: readonly string[], priority: number): Promise<void> {
  await sql`update pgboss.job set priority = ${priority} where id = any(${ids}::uuid[]) and state in ('created', 'retry')`.execute(
    trx,
  );
}

/** Jobs of timers name their tenant, also when they are done or cancelled. */
export async function deleteJobsOf(trx: Transaction<Database>, tenantId: string): Promise<void> {
  await sql`delete from pgboss.job where data->>'tenantId' = ${tenantId}`.execute(trx);
}
