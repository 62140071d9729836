import { Kysely, PostgresDialect, sql, type CompiledQuery } from 'kysely';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Database } from '../../../src/db/database.ts';
import {
  HOST_EVENT_STATUSES,
  countHostEvents,
  listHostEvents,
  type HostEventQuery,
} from '../../../src/host-events/list-host-events.ts';
import { readFeed } from '../../../src/host-events/read-feed.ts';
import { findDueEvents, findDueEventsByTenant } from '../../../src/host-events/find-due-events.ts';
import { countOutgoing } from '../../../src/host-events/count-outgoing.ts';
import { createTestDatabase, type TestDatabase } from '../../support/postgres/test-database.ts';

const EVENTS = 50_000;
/** A page and its surroundings; far from a part of the table that grows with it. */
const FEW = 500;

interface Plan {
  'Node Type': string;
  'Relation Name'?: string;
  'Actual Rows': number;
  'Actual Loops': number;
  'Rows Removed by Filter'?: number;
  Plans?: Plan[];
}

/** Nodes of the plans of every statement that is made. */
async function plansOf(database: TestDatabase, work: (db: Kysely<Database>) => Promise<unknown>): Promise<Plan[]> {
  const made: CompiledQuery[] = [];
  const watched = new Kysely<Database>({
    dialect: new PostgresDialect({ pool: database.pool }),
    log: ({ query }) => void made.push(query),
  });
  await work(watched);
  const nodes = (plan: Plan): Plan[] => [plan, ...(plan.Plans ?? []).flatMap(nodes)];
  const all: Plan[] = [];
  for (const { sql: text, parameters } of made) {
    const { rows } = await database.pool.query(`explain (analyze, format json) ${text}`, [...parameters]);
    all.push(...nodes(rows[0]['QUERY PLAN'][0].Plan));
  }
  expect(made.length).toBeGreaterThan(0);
  return all;
}
const touched = (plans: Plan[]) =>
  plans
    .filter((plan) => plan['Relation Name'] === 'host_event')
    .reduce(
      (sum, plan) => sum + plan['Actual Loops'] * (plan['Actual Rows'] + (plan['Rows Removed by Filter'] ?? 0)),
      0,
    );
const scans = (plans: Plan[]) =>
  plans.filter((plan) => plan['Node Type'] === 'Seq Scan' && plan['Relation Name'] === 'host_event');
const sorts = (plans: Plan[]) =>
  plans.filter((plan) => /Sort/.test(plan['Node Type']) && plan['Plans']![0]!['Actual Rows'] > FEW);

describe('fifty thousand events', () => {
  let database: TestDatabase;
  beforeAll(async () => {
    database = await createTestDatabase();
    // One tenant has nearly all; `rare` has forty, spread among them. Nearly all are sent; a hundred of each other status.
    await sql`insert into host_event (id, position, tenant_id, type, lanes, body, recorded_at, status, attempts, next_attempt_at)
      select gen_random_uuid(), case when status = 'recorded' then null else n end, tenant, type, array['lane ' || n],
        json_build_object('id', n, 'type', type), now() - interval '1 day', status, 0, now() + interval '1 hour'
      from (select n, case when n % 1250 = 0 then 'rare' else 'busy' end as tenant,
        case when n % 12500 = 1250 then 'connection.warning' else 'meeting.created' end as type,
        case when n % 500 = 0 then 'waiting' when n % 500 = 100 then 'parked' when n % 500 = 200 then 'feed'
          when n % 500 = 300 then 'recorded' else 'sent' end as status from generate_series(1, ${sql.lit(EVENTS)}) n) event`.execute(
      database.db,
    );
    await sql`update host_event_feed set last_position = ${EVENTS}`.execute(database.db);
    await sql`vacuum analyze host_event`.execute(database.db);
  });
  afterAll(() => database.close());

  const cursor = (place: number) => Buffer.from(String(place)).toString('base64url');
  const filters: Omit<HostEventQuery, 'limit'>[] = [undefined, 'rare', 'busy', 'nobody'].flatMap((tenantId) =>
    [undefined, ...HOST_EVENT_STATUSES].flatMap((status) =>
      [undefined, cursor(40_000), cursor(100)].map((place) => ({ tenantId, status, cursor: place })),
    ),
  );

  test.each(filters)('are listed by an index: $tenantId, $status, $cursor', async (filter) => {
    const plans = await plansOf(database, (db) => listHostEvents(db, { ...filter, limit: 50 }));
    expect({ scans: scans(plans), sorts: sorts(plans) }).toEqual({ scans: [], sorts: [] });
    expect(touched(plans)).toBeLessThan(FEW);
  });

  test('are counted by status without a look at those that are sent', async () => {
    for (const count of [countHostEvents, countOutgoing, (db: Kysely<Database>) => countOutgoing(db, 'rare')]) {
      const plans = await plansOf(database, count);
      expect(scans(plans)).toEqual([]);
      expect(touched(plans)).toBeLessThan(FEW);
    }
  });

  test.each([
    { filter: {}, most: 300 },
    { filter: { tenantId: 'rare' }, most: FEW },
    { filter: { tenantId: 'nobody' }, most: FEW },
    // Looked through in bounded steps; see the next test.
    { filter: { types: ['connection.warning' as const] }, most: 5_500 },
    { filter: { tenantId: 'busy', types: ['connection.warning' as const] }, most: 5_500 },
  ])('are read from the feed without looking at all of them: $filter', async ({ filter, most }) => {
    for (const after of [null, 10, 45_000]) {
      const plans = await plansOf(database, (db) => readFeed(db, after, 100, filter));
      expect(scans(plans)).toEqual([]);
      expect(touched(plans)).toBeLessThanOrEqual(most);
    }
  });

  test('give a reader of a rare kind all of them, over pages that may be empty', async () => {
    const found: number[] = [];
    let empty = 0;
    for (let after: number | null = null, more = true; more;) {
      const page = await readFeed(database.db, after, 3, { types: ['connection.warning'] });
      found.push(...page.items.map(({ position }) => position));
      if (page.items.length === 0) empty++;
      expect(page.through).toBeGreaterThan(after ?? 0);
      after = page.through;
      more = page.hasMore;
      if (!more) expect(after).toBe(EVENTS);
    }
    const { rows } = await database.pool.query(
      `select position from host_event where type = 'connection.warning' and position is not null order by position`,
    );
    expect(found).toEqual(rows.map((row) => Number(row.position)));
    expect(empty).toBeGreaterThan(0);
  });
});

describe('thousands of events to be sent', () => {
  let database: TestDatabase;
  const now = new Date();
  beforeAll(async () => {
    database = await createTestDatabase();
    // One tenant has twenty thousand that are due, two thousand tenants wait for a retry, and one has a single one.
    await sql`insert into host_event (id, position, tenant_id, type, lanes, body, recorded_at, status, attempts, next_attempt_at)
      select gen_random_uuid(), n, case when n <= 20000 then 'busy' when n <= 22000 then 'failing ' || n else 'single' end,
        'meeting.created', array['lane ' || n % 15000], '{}', ${now}, 'waiting', (n between 20001 and 22000)::int,
        ${now}::timestamptz + case when n between 20001 and 22000 then interval '1 hour' else interval '-1 minute' end
      from generate_series(1, 22001) n`.execute(database.db);
    await sql`vacuum analyze host_event`.execute(database.db);
  });
  afterAll(() => database.close());

  test('are found and claimed by their indexes, those of the others too', async () => {
    for (const work of [
      (db: Kysely<Database>) => findDueEvents(db, 'first', now),
      (db: Kysely<Database>) => findDueEvents(db, 'retry', now),
      (db: Kysely<Database>) => findDueEventsByTenant(db, 'first', now, { after: '', except: ['busy'], each: 4 }),
      (db: Kysely<Database>) => findDueEventsByTenant(db, 'retry', now, { after: '', except: [], each: 4 }),
    ]) {
      const plans = await plansOf(database, work);
      expect({ scans: scans(plans), sorts: sorts(plans) }).toEqual({ scans: [], sorts: [] });
      expect(touched(plans)).toBeLessThan(FEW);
    }
    const { due, all } = await findDueEvents(database.db, 'first', now);
    expect([due.length, all, new Set(due.map(({ tenantId }) => tenantId)).size]).toEqual([200, false, 1]);
    const { due: others } = await findDueEventsByTenant(database.db, 'first', now, {
      after: '',
      except: ['busy'],
      each: 4,
    });
    expect(others.map(({ tenantId }) => tenantId)).toEqual(['single']);
  });
});
