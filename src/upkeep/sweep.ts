import { randomUUID } from 'node:crypto';
import { fromKysely } from 'pg-boss';
import { isAlive } from '../jobs/live-jobs.ts';
import { queueOf } from '../jobs/queues.ts';
import type { JobDeps } from '../workers/run-effect.ts';

const MOST_PER_SWEEP = 500;

/** Gives a new job to every unanswered effect that has no live job. Returns how many it found. */
export async function sweep({ db, boss }: JobDeps): Promise<number> {
  return db.transaction().execute(async (trx) => {
    const effects = await trx
      .selectFrom('effect')
      .select(['id', 'type', 'priority'])
      .where('answered_at', 'is', null)
      .where(({ not }) => not(isAlive('effect.job_id')))
      .forUpdate()
      .skipLocked()
      .limit(MOST_PER_SWEEP)
      .execute();
    for (const { id, type, priority } of effects) {
      const jobId = randomUUID();
      await trx.updateTable('effect').set({ job_id: jobId }).where('id', '=', id).execute();
      await boss.send(queueOf(type), { effectId: id }, { db: fromKysely(trx), id: jobId, priority });
    }
    return effects.length;
  });
}
