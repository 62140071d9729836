import { randomUUID } from 'node:crypto';
import { sql, type Kysely, type Selectable, type Transaction } from 'kysely';
import { fromKysely } from 'pg-boss';
import { SnapshotVersionError, waitingStates, type UnstampedEvent } from '../../machines/connection/index.ts';
import { readEffect } from '../connection/dispatch/read-actions.ts';
import { commitUntilStored } from '../connection/dispatch/commit-until-stored.ts';
import { dispatch, TenantUnknownError } from '../connection/dispatch/dispatch.ts';
import type { DispatchDeps } from '../connection/dispatch/dispatch-deps.ts';
import type { Database } from '../db/database.ts';
import type { EffectDeps, EffectRun } from '../effects/effect.ts';
import type { Produce } from '../grants/grant-run.ts';
import { traced } from '../tracing/traced.ts';
import { answerEffect } from './answer-effect.ts';
import { BACKFILLS_QUEUE, queueOf, type EffectJob } from '../jobs/queues.ts';

/** The answers of these effects only lead to a decision. If the machine has gone on to another step, such an effect is not run. */
const ONLY_FOR_ITS_STEP = new Set(['exchangeCode', 'identifyAccount', 'listSubscriptions', 'createSubscription']);
/**
 * Events about tokens or a webhook that exist at Calendly. They are sent even if the effect was answered already, because otherwise nobody
 * would revoke the tokens or delete the webhook.
 */
const POSSESSIONS = new Set([
  'token.issued',
  'token.orphaned',
  'token.refreshed',
  'grant.recovered',
  'subscription.created',
]);
/** A generation that no step has. */
const NO_GENERATION = -1;

export type JobDeps = DispatchDeps & EffectDeps;
type Job = { queue: string; id: string; retryCount: number };
type StoredEffect = Selectable<Database['effect']>;
type EffectRow = { id: string; type: string; tenant_id: string; priority: number };
/**
 * An event whose tokens or webhook are stored. It waits for an instance that can read the tenant's snapshot. `last`: it is the effect's
 * final answer.
 */
interface Deferred {
  event: UnstampedEvent;
  last: boolean;
}

/** Another run of the effect has answered it, or its tenant was erased. So this answer decides nothing. */
class AnsweredError extends Error {}

/**
 * Runs one effect and stores its answer. The event, the tokens or webhook that it tells of, the effect's end and the job's end are one
 * transaction.
 */
export async function runEffect(deps: JobDeps, job: Job & { data: EffectJob }): Promise<void> {
  const { db } = deps;
  const row = await db
    .updateTable('effect')
    .set({ runs: sql`runs + 1`, begun_at: sql<Date>`coalesce(begun_at, ${deps.now()})` })
    .where('id', '=', job.data.effectId)
    .where('answered_at', 'is', null)
    .returningAll()
    .executeTakeFirst();
  // The effect is answered already; only its job is left.
  if (row === undefined) return void (await deps.boss.complete(job.queue, { id: job.id, retryCount: job.retryCount }));
  const { tenant_id: tenantId, type, runs, traceparent: parent } = row;
  const attributes = { 'tenant.id': tenantId, 'effect.id': row.id, 'effect.run': runs };
  await traced(`effect ${type}`, { parent, attributes }, () => carryOut(deps, job, row));
}

async function carryOut(deps: JobDeps, job: Job, row: StoredEffect): Promise<void> {
  const { db } = deps;
  const effect = readEffect(row.type, row.params);
  const { id: effectId, tenant_id: tenantId, type } = row;

  if (row.deferred !== null) {
    const { event, last } = row.deferred as unknown as Deferred;
    await tell(
      deps,
      row,
      async (trx) => {
        await trx.updateTable('effect').set({ deferred: null }).where('id', '=', effectId).execute();
        return event;
      },
      last ? job : null,
    );
    if (last) return;
  }
  if (ONLY_FOR_ITS_STEP.has(type) && !(await isAwaited(db, tenantId, effect.params))) {
    await db.transaction().execute((trx) => finish(trx, deps, row, job, 'superseded'));
    return;
  }
  const answerIsStored = Promise.withResolvers<void>();
  const records: Promise<void>[] = [];
  const recordAfterwards: EffectRun['recordAfterwards'] = async (exchange) => {
    records.push(deps.record(exchange, answerIsStored.promise));
  };
  const run: EffectRun = {
    tenantId,
    trace: { tenantId, effectId, effect: type, attempt: row.runs },
    requestedAt: row.created_at,
    run: row.runs,
    report: (produce) => tell(deps, row, produce, null),
    recordAfterwards,
  };
  try {
    const answer = await answerEffect(deps, run, effect);
    if ('postponeUntil' in answer)
      await db.transaction().execute((trx) => postpone(trx, deps, row, job, answer.postponeUntil));
    else
      await tell(
        deps,
        row,
        async (trx) => (typeof answer.event === 'function' ? answer.event(trx) : answer.event),
        job,
      );
  } finally {
    answerIsStored.resolve();
    await Promise.all(records);
  }
}

/**
 * Stores what the producer brings and sends its event. With a job, this is the effect's final answer, and the effect and the job end with
 * it.
 */
async function tell(deps: JobDeps, row: EffectRow, produce: Produce, job: Job | null): Promise<void> {
  const cause = { kind: 'effect', effectId: row.id, effect: row.type } as const;
  const end = async (trx: Transaction<Database>, word: string) => {
    if (job !== null) await finish(trx, deps, row, job, word);
  };
  const tellNobody = (word: string) => commitUntilStored(deps, row.tenant_id, (trx) => end(trx, word));
  try {
    await commitUntilStored(deps, row.tenant_id, async (trx) => {
      let word = 'reported';
      await dispatch(
        trx,
        deps,
        row.tenant_id,
        async (inner) => {
          const event = await fenced(inner, row, await produce(inner));
          word = event?.type ?? word;
          return event;
        },
        cause,
        queueOf(row.type) === BACKFILLS_QUEUE ? undefined : row.priority,
      );
      await end(trx, word);
    });
  } catch (error) {
    if (error instanceof AnsweredError) return tellNobody('late');
    // The tenant was erased meanwhile.
    if (error instanceof TenantUnknownError) return tellNobody('tenant_unknown');
    if (error instanceof SnapshotVersionError) await defer(deps, row, produce, job !== null);
    throw error;
  }
}

/**
 * An answer counts only while its effect is stored and unanswered. An event about tokens or a webhook is sent anyway, with a generation
 * that no step has.
 */
async function fenced(
  trx: Transaction<Database>,
  { id }: EffectRow,
  event: UnstampedEvent | null,
): Promise<UnstampedEvent | null> {
  if (event === null) return null;
  const open = await trx
    .selectFrom('effect')
    .select('id')
    .where('id', '=', id)
    .where('answered_at', 'is', null)
    .forUpdate()
    .executeTakeFirst();
  if (open !== undefined) return event;
  if (!POSSESSIONS.has(event.type)) throw new AnsweredError();
  return 'generation' in event ? { ...event, generation: NO_GENERATION } : event;
}

/** The tenant's snapshot is of a newer machine. Tokens or a webhook are stored now, and the event waits for an instance that can decide. */
async function defer(
  deps: JobDeps,
  { id, tenant_id: tenantId }: EffectRow,
  produce: Produce,
  last: boolean,
): Promise<void> {
  await commitUntilStored(deps, tenantId, async (trx) => {
    const event = await produce(trx);
    if (event === null) return;
    const deferred: Deferred = { event, last };
    await trx
      .updateTable('effect')
      .set({ deferred: JSON.stringify(deferred) })
      .where('id', '=', id)
      .where('answered_at', 'is', null)
      .execute();
  });
}

/**
 * True if the machine still waits for this effect's answer: the step with its generation is not over, and its state waits for an answer.
 */
async function isAwaited(db: Kysely<Database>, tenantId: string, params: object): Promise<boolean> {
  const row = await db
    .selectFrom('connection')
    .select(['state', 'substate', sql<number>`(snapshot->'context'->>'generation')::int`.as('generation')])
    .where('tenant_id', '=', tenantId)
    .executeTakeFirst();
  return (
    row !== undefined &&
    waitingStates.has(`${row.state}.${row.substate}`) &&
    'generation' in params &&
    row.generation === params.generation
  );
}

async function finish(
  trx: Transaction<Database>,
  { boss, now }: JobDeps,
  { id }: EffectRow,
  job: Job,
  word: string,
): Promise<void> {
  await trx
    .updateTable('effect')
    .set({ answered_at: now(), answer: word })
    .where('id', '=', id)
    .where('answered_at', 'is', null)
    .execute();
  await boss.complete(job.queue, { id: job.id, retryCount: job.retryCount }, null, { db: fromKysely(trx) });
}

async function postpone(
  trx: Transaction<Database>,
  { boss }: JobDeps,
  { id, type, priority }: EffectRow,
  job: Job,
  until: Date,
): Promise<void> {
  const jobId = randomUUID();
  const data: EffectJob = { effectId: id };
  await trx.updateTable('effect').set({ job_id: jobId }).where('id', '=', id).execute();
  await boss.send(queueOf(type), data, { db: fromKysely(trx), id: jobId, startAfter: until, priority });
  await boss.complete(job.queue, { id: job.id, retryCount: job.retryCount }, null, { db: fromKysely(trx) });
}
