import { randomUUID } from 'node:crypto';
import { sql, type Transaction } from 'kysely';
import { fromKysely } from 'pg-boss';
import type { Database } from '../../db/database.ts';
import { hurryJobs } from '../../jobs/live-jobs.ts';
import { priorityOf } from '../../jobs/priorities.ts';
import { queueOf, type EffectJob } from '../../jobs/queues.ts';
import type { DispatchDeps } from './dispatch-deps.ts';
import type { Outgoing } from './read-actions.ts';

/** What a history row shows of the effects and timers of its event. */
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

  const set = [...timers].flatMap(([name, timer]) =>
    timer === null
      ? []
      : [{ name, id: randomUUID(), dueAt: new Date(at.getTime() + timer.delayMs), event: timer.event }],
  );
  const { rows: cancelled } = await sql<{ name: string }>`
    with set as (
      insert into timer (tenant_id, name, job_id, due_at, event)
      select ${tenantId}, name, id, "dueAt", event
      from jsonb_to_recordset(${JSON.stringify(set)}::jsonb) as new (name text, id uuid, "dueAt" timestamptz, event jsonb)
      on conflict (tenant_id, name) do update
        set job_id = excluded.job_id, due_at = excluded.due_at, event = excluded.event, claimed_until = null, failures = 0
    )
    delete from timer where tenant_id = ${tenantId} and name = any(${[...timers.keys()].filter((name) => timers.get(name) === null)}::text[])
    returning name`.execute(trx);
  const gone = new Set(cancelled.map(({ name }) => name));
  for (const [name, timer] of timers) {
    const dueAt = timer === null ? null : new Date(at.getTime() + timer.delayMs).toISOString();
    if (timer !== null || gone.has(name)) written.timers.push({ name, dueAt });
  }
  return written;
}

/** Raises the priority of effects that no worker has begun, because somebody waits for them now. */
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
