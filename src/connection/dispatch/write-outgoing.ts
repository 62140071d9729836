import { randomUUID } from 'node:crypto';
import type { Transaction } from 'kysely';
import { fromKysely } from 'pg-boss';
import type { Database } from '../../db/database.ts';
import { hurryJobs } from '../../jobs/live-jobs.ts';
import { priorityOf } from '../../jobs/priorities.ts';
import { queueOf, TIMERS_QUEUE, type EffectJob, type TimerJob } from '../../jobs/queues.ts';
import type { DispatchDeps } from './dispatch-deps.ts';
import type { Outgoing } from './read-actions.ts';

/** What a history row shows of what an event set going. */
export interface WrittenActions {
  effects: { id: string; type: string; params: object }[];
  timers: { name: string; dueAt: string | null }[];
}

/** Writes effects and timers, each with its job, in the event's own transaction. */
export async function writeOutgoing(
  trx: Transaction<Database>,
  { boss }: DispatchDeps,
  { tenantId, version, at, inherited }: { tenantId: string; version: number; at: Date; inherited: number | null },
  { effects, timers }: Outgoing,
): Promise<WrittenActions> {
  const written: WrittenActions = { effects: [], timers: [] };

  for (const effect of effects) {
    const { type, params } = effect;
    const id = randomUUID();
    const jobId = randomUUID();
    const priority = priorityOf(effect, inherited);
    await trx
      .insertInto('effect')
      .values({
        id,
        tenant_id: tenantId,
        type,
        params: JSON.stringify(params),
        version,
        job_id: jobId,
        created_at: at,
        priority,
      })
      .execute();
    const data: EffectJob = { effectId: id };
    await boss.send(queueOf(type), data, { db: fromKysely(trx), id: jobId, priority });
    written.effects.push({ id, type, params });
  }

  for (const [name, timer] of timers) {
    const former = await trx
      .deleteFrom('timer')
      .where('tenant_id', '=', tenantId)
      .where('name', '=', name)
      .returning('job_id')
      .executeTakeFirst();
    if (former) await boss.cancel(TIMERS_QUEUE, former.job_id, { db: fromKysely(trx) });
    if (timer === null) {
      if (former) written.timers.push({ name, dueAt: null });
      continue;
    }
    // Always a fresh job id: a cancelled one that is sent again is dropped in silence, and the timer with it.
    const jobId = randomUUID();
    const dueAt = new Date(at.getTime() + timer.delayMs);
    await trx
      .insertInto('timer')
      .values({ tenant_id: tenantId, name, job_id: jobId, due_at: dueAt, event: JSON.stringify(timer.event) })
      .execute();
    const data: TimerJob = { tenantId, name };
    await boss.send(TIMERS_QUEUE, data, { db: fromKysely(trx), id: jobId, startAfter: dueAt });
    written.timers.push({ name, dueAt: dueAt.toISOString() });
  }
  return written;
}

/** Somebody waits now for what was begun as upkeep: effects that nobody has taken up yet become as urgent as he is. */
export async function hurryEffects(trx: Transaction<Database>, tenantId: string, priority: number): Promise<void> {
  const waiting = await trx
    .updateTable('effect')
    .set({ priority })
    .where('tenant_id', '=', tenantId)
    .where('answered_at', 'is', null)
    .where('begun_at', 'is', null)
    .where('priority', '<', priority)
    .where('type', 'not in', ['checkSubscription', 'backfillMeetings'])
    .returning('job_id')
    .execute();
  if (waiting.length === 0) return;
  const jobs = waiting.map(({ job_id: jobId }) => jobId);
  await hurryJobs(trx, jobs, priority);
}
