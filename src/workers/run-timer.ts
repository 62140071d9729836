import { randomUUID } from 'node:crypto';
import { sql, type Kysely, type Transaction } from 'kysely';
import { fromKysely } from 'pg-boss';
import { STEP_DEADLINE, type TimerEvent } from '../../machines/connection/index.ts';
import { dispatch } from '../connection/dispatch/dispatch.ts';
import { inTenantTransaction } from '../connection/dispatch/in-tenant-transaction.ts';
import type { Database } from '../db/database.ts';
import type { JobDeps } from './run-effect.ts';
import { TIMERS_QUEUE, type TimerJob } from '../jobs/queues.ts';

/** The code of a consent lives for ten minutes at Calendly: a step that nobody has begun by then is of no use any more. */
const LONGEST_START_MS = 9 * 60_000;

/** Sends a due timer's event. A timer that was set anew or cancelled meanwhile has another job, or no row. */
export async function runTimer(deps: JobDeps, job: { id: string; retryCount: number; data: TimerJob }): Promise<void> {
  const { boss } = deps;
  const { tenantId, name } = job.data;
  await inTenantTransaction(deps, tenantId, async (trx) => {
    // The connection is locked first, as everywhere; only then is the timer sure to stay as it is.
    const connection = await trx
      .selectFrom('connection')
      .select('tenant_id')
      .where('tenant_id', '=', tenantId)
      .forUpdate()
      .executeTakeFirst();
    const timer = await trx
      .selectFrom('timer')
      .selectAll()
      .where('tenant_id', '=', tenantId)
      .where('name', '=', name)
      .where('job_id', '=', job.id)
      .executeTakeFirst();
    const event = timer?.event as unknown as TimerEvent | undefined;
    const later =
      event?.type === 'deadline.passed' ? await untilWorkHadItsTime(trx, tenantId, event.generation, deps.now()) : null;
    if (later !== null) {
      const jobId = randomUUID();
      await trx
        .updateTable('timer')
        .set({ due_at: later, job_id: jobId })
        .where('tenant_id', '=', tenantId)
        .where('name', '=', name)
        .execute();
      await boss.send(TIMERS_QUEUE, job.data, { db: fromKysely(trx), id: jobId, startAfter: later });
    } else if (connection && event) {
      await trx.deleteFrom('timer').where('tenant_id', '=', tenantId).where('name', '=', name).execute();
      await dispatch(trx, deps, tenantId, event, { kind: 'timer', name });
    }
    await boss.complete(TIMERS_QUEUE, { id: job.id, retryCount: job.retryCount }, null, { db: fromKysely(trx) });
  });
}

/**
 * A deadline counts from when the work began: a step whose effect stands in a queue, or has just been taken up, has its whole time
 * still before it. Until when it is put off; null: it has had its time.
 */
async function untilWorkHadItsTime(
  trx: Transaction<Database>,
  tenantId: string,
  generation: number,
  now: Date,
): Promise<Date | null> {
  const effect = await stepOf(trx, tenantId, generation);
  if (effect === undefined) return null;
  const until =
    effect.begun_at !== null
      ? effect.begun_at.getTime() + STEP_DEADLINE
      : Math.min(now.getTime() + STEP_DEADLINE, effect.created_at.getTime() + LONGEST_START_MS);
  return until > now.getTime() ? new Date(until) : null;
}

function stepOf(db: Kysely<Database>, tenantId: string, generation: number) {
  return db
    .selectFrom('effect')
    .select(['begun_at', 'created_at'])
    .where('tenant_id', '=', tenantId)
    .where('answered_at', 'is', null)
    .where('type', 'in', ['exchangeCode', 'identifyAccount', 'refreshToken', 'listSubscriptions', 'createSubscription'])
    .where(sql<boolean>`(params->>'generation')::int = ${generation}`)
    .orderBy('created_at', 'desc')
    .limit(1)
    .executeTakeFirst();
}
