import { randomUUID } from 'node:crypto';
import { sql } from 'kysely';
import { dispatch, ensureConnection } from '../../../src/connection/dispatch/dispatch.ts';
import { inTenantTransaction } from '../../../src/connection/dispatch/in-tenant-transaction.ts';
import { EFFECTS_QUEUE } from '../../../src/jobs/queues.ts';
import { compareRuns, type Figure } from '../figure.ts';
import { measure } from '../measure.ts';
import type { Surroundings } from '../surroundings.ts';

const TENANTS = 500;

/** Events in this process, each with its lock, decision, snapshot, history and timer, beside a row that is locked and updated. */
export async function dispatching({ service }: Surroundings): Promise<Figure[]> {
  const { deps } = service;
  const { db, boss } = deps;
  const cause = { kind: 'route', route: 'bench' } as const;
  await sql`create table bench_row (id integer primary key, body jsonb not null)`.execute(db);
  await sql`insert into bench_row select generate_series(0, ${TENANTS}::int - 1), '{}'`.execute(db);
  const nameOf = (index: number) => `dispatched-${index % TENANTS}`;
  for (let index = 0; index < TENANTS; index++) {
    await db.transaction().execute((trx) => ensureConnection(trx, deps, nameOf(index), cause));
  }
  const snapshot = JSON.stringify(
    (await db.selectFrom('connection').select('snapshot').executeTakeFirstOrThrow()).snapshot,
  );
  const attemptExpiresAt = new Date(Date.now() + 3_600_000).toISOString();
  let dispatched = 0;

  const updateRow = (index: number) =>
    db.transaction().execute(async (trx) => {
      await sql`select body from bench_row where id = ${index % TENANTS} for update`.execute(trx);
      await sql`update bench_row set body = ${snapshot} where id = ${index % TENANTS}`.execute(trx);
    });
  const send = async (index: number) => void (await boss.send(EFFECTS_QUEUE, { bench: index }, { startAfter: 86_400 }));
  const sendEvent = async (index: number) => {
    const tenantId = nameOf(index);
    await inTenantTransaction(deps, tenantId, (trx) =>
      dispatch(
        trx,
        deps,
        tenantId,
        { type: 'connect', switchAccount: false, attemptId: randomUUID(), attemptExpiresAt, recentMs: 0 },
        cause,
      ),
    );
    dispatched++;
  };
  const figures: Figure[] = [];
  for (const parallel of [1, 50]) {
    figures.push(
      ...(await compareRuns(`events, ${parallel} at once`, {
        'a row locked and updated': () => measure(parallel, updateRow),
        'a job sent with pg-boss': () => measure(parallel, send),
        'an event dispatched': () => measure(parallel, sendEvent),
      })),
    );
  }
  const { rows } = await sql<{ versions: string; rows: string }>`
    select (select sum(version) from connection where tenant_id like 'dispatched-%') as versions,
      (select count(*) from history where tenant_id like 'dispatched-%' and kind = 'event') as rows`.execute(db);
  if (Number(rows[0]!.versions) !== dispatched || Number(rows[0]!.rows) !== dispatched)
    throw new Error(`${dispatched} events were dispatched, and there are: ${JSON.stringify(rows[0])}`);
  return figures;
}
