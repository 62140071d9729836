import { createExchangeRecorder } from '../../../src/exchanges/record-exchange.ts';
import { openDatabase } from '../../../src/db/database.ts';
import { EFFECTS_QUEUE, startBoss, type EffectJob } from '../../../src/jobs/queues.ts';
import { createLogger } from '../../../src/logger/create-logger.ts';
import { runEffect, type JobDeps } from '../../../src/workers/run-effect.ts';
import { runTimer } from '../../../src/workers/run-timer.ts';
import { timerSource } from '../../../src/jobs/timer-source.ts';
import { makeTimerDue } from './make-timer-due.ts';
import { countQueries, type QueryCount } from '../postgres/count-queries.ts';
import type { TestService } from './start-test-service.ts';

/** What one piece of work has cost, on every machine the same. Looking for jobs is not counted: that depends on the time. */
export interface Cost extends QueryCount {
  calendlyCalls: number;
}

/** A service that was stopped, on its database and with its Calendly: nothing happens in it but what a test does. */
export interface StillService {
  deps: JobDeps;
  cost(work: () => Promise<unknown>): Promise<Cost>;
  /** Runs the effects of one queue that were asked for, and those that follow from them. Returns their types. */
  runEffects(queue?: string): Promise<string[]>;
  /** Runs a timer as if it were due. */
  runTimer(tenantId: string, name: string): Promise<void>;
  close(): Promise<void>;
}

export async function stillService({ service, database }: TestService): Promise<StillService> {
  const { db, pool, close } = openDatabase({ url: database.url });
  const count = countQueries(pool);
  const boss = await startBoss({ url: database.url, onError: () => {} });
  const record = createExchangeRecorder(db, createLogger({ level: 'silent' }));
  let calendlyCalls = 0;
  const deps: JobDeps = {
    ...service.deps,
    db,
    boss,
    onCommitted: () => {},
    record: (exchange, after) => {
      calendlyCalls++;
      return record(exchange, after);
    },
  };
  return {
    deps,
    async cost(work) {
      calendlyCalls = 0;
      const { statements, roundTrips } = await count(work);
      return { statements, roundTrips, calendlyCalls };
    },
    async runEffects(queue = EFFECTS_QUEUE) {
      const types: string[] = [];
      for (;;) {
        const [job] = await boss.fetch<EffectJob>(queue, { includeMetadata: true });
        if (job === undefined) return types;
        const effect = await database.db
          .selectFrom('effect')
          .select('type')
          .where('id', '=', job.data.effectId)
          .executeTakeFirstOrThrow();
        types.push(effect.type);
        await runEffect(deps, { queue, id: job.id, retryCount: job.retryCount, data: job.data });
      }
    },
    async runTimer(tenantId, name) {
      await makeTimerDue(database, tenantId, name);
      const due = await timerSource(database.db).fetch(100);
      const timer = due.find((each) => each.tenantId === tenantId && each.name === name);
      if (timer === undefined) throw new Error(`The timer ${name} is not due`);
      await runTimer(deps, timer);
    },
    async close() {
      await boss.stop({ graceful: false, close: true });
      await close();
    },
  };
}
