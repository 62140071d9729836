import { fromKysely } from 'pg-boss';
import type { TimerEvent } from '../../machines/connection/index.ts';
import { dispatch } from '../connection/dispatch.ts';
import type { JobDeps } from './run-effect.ts';
import { TIMERS_QUEUE, type TimerJob } from './queues.ts';

/** Sends a due timer's event. A timer that was set anew or cancelled meanwhile has another job, or no row. */
export async function runTimer(deps: JobDeps, job: { id: string; retryCount: number; data: TimerJob }): Promise<void> {
  const { tenantId, name } = job.data;
  await deps.db.transaction().execute(async (trx) => {
    // The connection is locked first, as everywhere; only then is the timer sure to stay as it is.
    const connection = await trx.selectFrom('connection').select('tenant_id').where('tenant_id', '=', tenantId).forUpdate().executeTakeFirst();
    const timer = await trx.deleteFrom('timer').where('tenant_id', '=', tenantId).where('name', '=', name)
      .where('job_id', '=', job.id).returning('event').executeTakeFirst();
    if (connection && timer) await dispatch(trx, deps, tenantId, timer.event as unknown as TimerEvent, { kind: 'timer', name });
    await deps.boss.complete(TIMERS_QUEUE, { id: job.id, retryCount: job.retryCount }, null, { db: fromKysely(trx) });
  });
}
