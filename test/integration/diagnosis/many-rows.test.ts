import { sql } from 'kysely';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { initialContext } from '../../../machines/connection/context.ts';
import { diagnoseAll } from '../../../src/connection/reads/diagnose-all.ts';
import { diagnoseTenant } from '../../../src/connection/reads/diagnose-tenant.ts';
import { createTestDatabase, type TestDatabase } from '../../support/postgres/test-database.ts';

const BIG = 'tenant_0002';
const ROWS = 20_000;
let database: TestDatabase;

/** Half of a thousand tenants in trouble, and one of them with nearly all the rows that there are. */
beforeAll(async () => {
  database = await createTestDatabase({ max: 1 });
  const { db } = database;
  const context = JSON.stringify(initialContext({ tenantId: 'x' }));
  await sql`insert into connection (tenant_id, snapshot, machine_version, version, state, substate, since)
    select 'tenant_' || lpad(i::text, 4, '0'), jsonb_build_object('context', ${context}::jsonb), 2, 5,
      case when i % 2 = 0 then 'error' else 'connected' end, case when i % 2 = 0 then 'retrying' else 'webhooks' end, now()
    from generate_series(1, 1000) i`.execute(db);
  await sql`insert into subscription (id, tenant_id, grant_id, account_uri, organization_uri, callback_url, status, scope, events, created_at)
    select gen_random_uuid(), tenant_id, gen_random_uuid(), '', '', tenant_id, 'live', 'user', '{}', now() from connection`.execute(
    db,
  );
  await sql`insert into delivery (tenant_id, account_uri, subscription_id, received_at, verdict, body_bytes)
    select ${BIG}, '', (select id from subscription where tenant_id = ${BIG}), now(), 'applied', 0 from generate_series(1, ${ROWS}::int)`.execute(
    db,
  );
  await sql`insert into host_event (id, tenant_id, type, lanes, body, recorded_at, status, attempts)
    select gen_random_uuid(), ${BIG}, 'meeting.created', '{a}', '{}', now(), (array['sent', 'parked'])[1 + i % 2], 1
    from generate_series(1, ${ROWS}::int) i`.execute(db);
  await sql`insert into effect (id, tenant_id, type, params, version, job_id, created_at, answered_at)
    select gen_random_uuid(), ${BIG}, 'checkSubscription', '{}', 1, gen_random_uuid(), now(), now() from generate_series(1, ${ROWS}::int)`.execute(
    db,
  );
  await sql`analyze`.execute(db);
});
afterAll(() => database.close());

async function rowsRead(work: () => Promise<unknown>): Promise<number> {
  const before = await rowsReadSoFar();
  await work();
  return (await rowsReadSoFar()) - before;
}

/** Of the tables that grow, by this session: it is the only one, and says what it has counted when it is asked to. */
async function rowsReadSoFar(): Promise<number> {
  await sql`select pg_stat_force_next_flush()`.execute(database.db);
  const { rows } = await sql<{ read: string }>`select sum(seq_tup_read + coalesce(idx_tup_fetch, 0)) as read
    from pg_stat_user_tables where relname in ('delivery', 'host_event', 'effect')`.execute(database.db);
  return Number(rows[0]!.read);
}

test('diagnoses of all read few rows, even where one tenant has nearly all of them', async () => {
  const { db } = database;
  const asking = { now: new Date(), mayAct: true };
  const { suspects, groups } = await diagnoseAll(db, asking);
  expect(suspects).toBe(500);
  expect(groups.map(({ code, tenants }) => [code, tenants])).toEqual([['retrying', 500]]);
  expect(await rowsRead(() => diagnoseAll(db, asking))).toBeLessThan(2_000);
  expect(await rowsRead(() => diagnoseTenant(db, 'tenant_0004', asking))).toBeLessThan(100);
  expect(await rowsRead(() => diagnoseTenant(db, BIG, asking))).toBeLessThan(1_500);
});
