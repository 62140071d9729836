import { randomUUID } from 'node:crypto';
import { sql, type Transaction } from 'kysely';
import { fromKysely } from 'pg-boss';
import { MACHINE_VERSION, type ConnectionEvent } from '../../../machines/connection/index.ts';
import type { Database } from '../../db/database.ts';
import { prepared } from '../../db/prepared-statements.ts';
import { hurryJobs } from '../../jobs/live-jobs.ts';
import { priorityOf } from '../../jobs/priorities.ts';
import { EFFECTS_QUEUE, queueOf, type EffectJob } from '../../jobs/queues.ts';
import { currentTraceparent } from '../../tracing/traceparent.ts';
import { afterCommit } from './after-commit.ts';
import type { Cause } from './cause.ts';
import type { DispatchDeps } from './dispatch-deps.ts';
import type { Outgoing } from './read-actions.ts';
import type { StoredSnapshot } from './snapshot.ts';

/** What a history row shows of the effects and timers of its event. */
export interface WrittenActions {
  effects: { id: string; type: string; params: object }[];
  timers: { name: string; dueAt: string | null }[];
}

/** An event that the machine has accepted, and what it decided. */
export interface AcceptedEvent {
  tenantId: string;
  version: number;
  at: Date;
  cause: Cause;
  event: ConnectionEvent;
  from: string;
  to: string;
  snapshot: StoredSnapshot;
  state: string;
  substate: string | null;
  unwellSince: Date | null;
  accountUri: string | null;
  lastAccountUri: string | null;
  asksForBackfill: boolean;
  outgoing: Outgoing;
  /** The priority that effects inherit. */
  inherited: number | null;
}

/**
 * Writes down an accepted event: the connection, one history row, timers, and effects with their jobs. One statement, and one for
 * each job.
 */
export async function writeEvent(
  trx: Transaction<Database>,
  { boss }: DispatchDeps,
  { tenantId, version, at, cause, event, outgoing, inherited, ...decided }: AcceptedEvent,
): Promise<void> {
  const effects = outgoing.effects.map((effect) => ({
    id: randomUUID(),
    job: randomUUID(),
    priority: priorityOf(effect, inherited),
    ...effect,
  }));
  const cancelled = [...outgoing.timers].flatMap(([name, timer]) => (timer === null ? [name] : []));
  const set = [...outgoing.timers].flatMap(([name, timer]) =>
    timer === null
      ? []
      : [{ name, id: randomUUID(), dueAt: new Date(at.getTime() + timer.delayMs), event: timer.event }],
  );
  const shown: WrittenActions = {
    effects: effects.map(({ id, type, params }) => ({ id, type, params })),
    timers: set.map(({ name, dueAt }) => ({ name, dueAt: dueAt.toISOString() })),
  };
  await sql`${prepared('write-event')}
    with stored as (
      update connection set snapshot = ${JSON.stringify(decided.snapshot)}::jsonb, machine_version = ${MACHINE_VERSION},
        version = ${version}, state = ${decided.state}, substate = ${decided.substate},
        since = case when ${decided.from !== decided.to}::boolean then ${at}::timestamptz else since end,
        unwell_since = ${decided.unwellSince}::timestamptz, account_uri = ${decided.accountUri}, last_account_uri = ${decided.lastAccountUri}, updated_at = ${at},
        backfill_asked_at = case when ${decided.asksForBackfill}::boolean then ${at}::timestamptz else backfill_asked_at end
      where tenant_id = ${tenantId}
    ), asked as (
      insert into effect (id, tenant_id, type, params, version, job_id, created_at, priority, traceparent)
      select id, ${tenantId}, type, params, ${version}::bigint, job, ${at}::timestamptz, priority, ${currentTraceparent()}
      from jsonb_to_recordset(${JSON.stringify(effects)}::jsonb) as new (id uuid, type text, params jsonb, job uuid, priority smallint)
    ), set as (
      insert into timer (tenant_id, name, job_id, due_at, event)
      select ${tenantId}, name, id, "dueAt", event
      from jsonb_to_recordset(${JSON.stringify(set)}::jsonb) as new (name text, id uuid, "dueAt" timestamptz, event jsonb)
      on conflict (tenant_id, name) do update
        set job_id = excluded.job_id, due_at = excluded.due_at, event = excluded.event, claimed_until = null, failures = 0
    ), cancelled as (
      delete from timer where tenant_id = ${tenantId} and name = any(${cancelled}::text[]) returning name
    )
    insert into history (tenant_id, version, at, cause, machine_version, kind, event, from_state, to_state, actions)
    values (${tenantId}, ${version}, ${at}, ${JSON.stringify(cause)}::jsonb, ${MACHINE_VERSION}, 'event', ${JSON.stringify(event)}::jsonb,
      ${decided.from}, ${decided.to}, jsonb_set(${JSON.stringify(shown)}::jsonb, '{timers}', ${JSON.stringify(shown.timers)}::jsonb
        || (select coalesce(jsonb_agg(jsonb_build_object('name', name, 'dueAt', null)), '[]') from cancelled)))`.execute(
    trx,
  );
  for (const { id, job, type, priority } of effects) {
    const data: EffectJob = { effectId: id };
    await boss.send(queueOf(type), data, { db: fromKysely(trx), id: job, priority });
    afterCommit(trx).jobs.push({ queue: queueOf(type), priority });
  }
}

/** Raises the priority of effects that no worker has begun, because somebody waits for them now. */
export async function hurryEffects(trx: Transaction<Database>, tenantId: string, priority: number): Promise<void> {
  const { rows: waiting } = await sql<{ job_id: string }>`${prepared('hurry-effects')}
    update effect set priority = ${priority}::smallint
    where tenant_id = ${tenantId} and answered_at is null and begun_at is null and priority < ${priority}::smallint
      and type not in ('checkSubscription', 'backfillMeetings')
    returning job_id`.execute(trx);
  if (waiting.length === 0) return;
  const jobs = waiting.map(({ job_id: jobId }) => jobId);
  await hurryJobs(trx, jobs, priority);
  afterCommit(trx).jobs.push({ queue: EFFECTS_QUEUE, priority });
}
