import { randomUUID } from 'node:crypto';
import { sql, type Kysely, type Transaction } from 'kysely';
import { fromKysely } from 'pg-boss';
import { waitingStates } from '../../machines/connection/index.ts';
import { readEffect } from '../connection/codec.ts';
import { commitUntilStored } from '../connection/commit.ts';
import { dispatch, TenantUnknownError } from '../connection/dispatch.ts';
import type { DispatchDeps } from '../connection/dispatch-deps.ts';
import type { Database } from '../db/database.ts';
import type { EffectAnswer, EffectDeps, EffectRun } from '../effects/effect.ts';
import { effects } from '../effects/index.ts';
import { queueOf, type EffectJob } from './queues.ts';

/** Steps that only decide: once the machine has gone on, nobody waits for their answer, and they are not begun. */
const ONLY_FOR_ITS_STEP = new Set(['exchangeCode', 'identifyAccount', 'listSubscriptions', 'createSubscription']);

export type JobDeps = DispatchDeps & EffectDeps;
type Job = { id: string; retryCount: number };
type EffectRow = { id: string; type: string };

/** Runs one effect and stores its answer: event, possessions, the effect's end and the job's end are one transaction. */
export async function runEffect(deps: JobDeps, job: Job & { data: EffectJob }): Promise<void> {
  const { db } = deps;
  const row = await db.updateTable('effect').set({ runs: sql`runs + 1` }).where('id', '=', job.data.effectId)
    .where('answered_at', 'is', null).returningAll().executeTakeFirst();
  if (row === undefined) return;
  const effect = readEffect(row.type, row.params);
  const { id: effectId, tenant_id: tenantId, type } = row;
  const cause = { kind: 'effect', effectId, effect: type } as const;
  const send = (trx: Transaction<Database>, event: Parameters<typeof dispatch>[3]) => dispatch(trx, deps, tenantId, event, cause);

  if (ONLY_FOR_ITS_STEP.has(type) && !(await isAwaited(db, tenantId, effect.params))) {
    await db.transaction().execute((trx) => finish(trx, deps, row, job, 'superseded'));
    return;
  }
  const run: EffectRun = {
    tenantId,
    trace: { tenantId, effectId, effect: type, attempt: row.runs },
    requestedAt: row.created_at,
    run: row.runs,
    report: async (produce) => {
      await commitUntilStored(db, (trx) => send(trx, produce));
    },
  };
  // The map is exhaustive and `readEffect` has tied type and parameters; TypeScript cannot follow it through the lookup.
  const implementation = effects[effect.type] as (deps: EffectDeps, run: EffectRun, params: object) => Promise<EffectAnswer>;
  const answer = await implementation(deps, run, effect.params);

  if ('postponeUntil' in answer) {
    await db.transaction().execute((trx) => postpone(trx, deps, row, job, answer.postponeUntil));
    return;
  }
  const { event } = answer;
  await commitUntilStored(db, async (trx) => {
    let word = 'reported';
    if (event !== null) {
      try {
        await send(trx, async (inner) => {
          const produced = typeof event === 'function' ? await event(inner) : event;
          word = produced.type;
          return produced;
        });
      } catch (error) {
        // The tenant was erased meanwhile: there is nobody to tell.
        if (!(error instanceof TenantUnknownError)) throw error;
        word = 'tenant_unknown';
      }
    }
    await finish(trx, deps, row, job, word);
  });
}

/** A step is over when another one has begun, and also when the machine waits for nothing any more. */
async function isAwaited(db: Kysely<Database>, tenantId: string, params: object): Promise<boolean> {
  const row = await db.selectFrom('connection').select(['state', 'substate', sql<number>`(snapshot->'context'->>'generation')::int`.as('generation')])
    .where('tenant_id', '=', tenantId).executeTakeFirst();
  return row !== undefined && waitingStates.has(`${row.state}.${row.substate}`) && 'generation' in params && row.generation === params.generation;
}

async function finish(trx: Transaction<Database>, { boss, now }: JobDeps, { id, type }: EffectRow, job: Job, word: string): Promise<void> {
  await trx.updateTable('effect').set({ answered_at: now(), answer: word }).where('id', '=', id).where('answered_at', 'is', null).execute();
  await boss.complete(queueOf(type), { id: job.id, retryCount: job.retryCount }, null, { db: fromKysely(trx) });
}

async function postpone(trx: Transaction<Database>, { boss }: JobDeps, { id, type }: EffectRow, job: Job, until: Date): Promise<void> {
  const jobId = randomUUID();
  const data: EffectJob = { effectId: id };
  await trx.updateTable('effect').set({ job_id: jobId }).where('id', '=', id).execute();
  await boss.send(queueOf(type), data, { db: fromKysely(trx), id: jobId, startAfter: until });
  await boss.complete(queueOf(type), { id: job.id, retryCount: job.retryCount }, null, { db: fromKysely(trx) });
}
