import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { meetingsPage, type MeetingFilter } from '../../../src/meetings/list-meetings.ts';
import { storeConnection } from '../../support/postgres/store-connection.ts';
import { createTestDatabase, type TestDatabase } from '../../support/postgres/test-database.ts';

const ACCOUNT = 'https://api.calendly.com/users/1';
const LIMIT = 50;

type Plan = {
  'Node Type': string;
  'Relation Name'?: string;
  'Actual Rows': number;
  'Actual Loops': number;
  'Sort Method'?: string;
  Plans?: Plan[];
};
const nodes = (plan: Plan): Plan[] => [plan, ...(plan.Plans ?? []).flatMap(nodes)];

describe('a page of meetings', () => {
  let database: TestDatabase;
  beforeAll(async () => {
    database = await createTestDatabase();
    // 20 tenants with a thousand meetings each; of `large`, 200 events have one invitee and one event has 5,000.
    await database.pool.query(
      `
      insert into scheduled_event (tenant_id, account_uri, uri, updated_at, status, start_time)
      select tenant, $1, 'E' || event, '2026-01-01T00:00:00.000000Z', case when event % 50 = 7 then 'canceled' else 'active' end,
        to_char(timestamp '2026-01-01' + event * interval '1 hour', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')
      from (select 'tenant-' || n as tenant, 1000 as events from generate_series(1, 15) n union all select 'large', 200) as tenants, generate_series(1, events) as event`,
      [ACCOUNT],
    );
    await database.pool.query('analyze scheduled_event');
    await database.pool.query(`
      insert into meeting (id, tenant_id, account_uri, event_uri, invitee_uri, updated_at, canceled, source, received_at)
      select gen_random_uuid(), tenant_id, account_uri, uri, uri || '/I' || invitee, updated_at, invitee % 100 = 3, 'webhook', now()
      from scheduled_event, generate_series(1, case when tenant_id = 'large' and uri = 'E100' then 5000 else 1 end) as invitee`);
    await database.pool.query('analyze');
    await storeConnection(database.db, 'large', ACCOUNT);
    await storeConnection(database.db, 'tenant-3', ACCOUNT);
  });
  afterAll(() => database.close());

  test.each<[string, string, Partial<MeetingFilter>]>([
    ['all', 'tenant-3', {}],
    [
      'all, in the middle of a group',
      'large',
      {
        cursor: Buffer.from('["2026-01-05T04:00:00.000000Z","80000000-0000-4000-8000-000000000000"]').toString(
          'base64url',
        ),
      },
    ],
    ['all of a large tenant', 'large', {}],
    ['active ones', 'large', { status: 'active' }],
    ['canceled ones', 'large', { status: 'canceled' }],
    ['canceled ones among few', 'tenant-3', { status: 'canceled' }],
    ['a time', 'large', { from: '2026-01-05T04:00:00Z', to: '2026-01-05T05:00:00Z' }],
    [
      'canceled ones of a time',
      'tenant-3',
      { status: 'canceled', from: '2026-01-05T00:00:00Z', to: '2026-01-20T00:00:00Z' },
    ],
  ])('that shows %s is read from an index, and no more of it than is shown', async (_, tenantId, filter) => {
    const { sql, parameters } = meetingsPage(database.db, tenantId, { limit: LIMIT, ...filter }).compile();
    const { rows } = await database.pool.query(`explain (analyze, format json) ${sql}`, [...parameters]);
    const plan = nodes(rows[0]['QUERY PLAN'][0].Plan as Plan);
    const ofMeetings = plan.filter(
      ({ 'Relation Name': relation }) => relation === 'meeting' || relation === 'scheduled_event',
    );
    expect(ofMeetings.map((node) => node['Node Type']).filter((type) => !/^Index (Only )?Scan$/.test(type))).toEqual(
      [],
    );
    expect(ofMeetings.length).toBe(2);
    for (const node of plan)
      expect(node['Actual Rows'] * node['Actual Loops'], node['Node Type']).toBeLessThanOrEqual(LIMIT + 1);
    expect(plan[0]!['Actual Rows']).toBeGreaterThan(0);
    expect(plan.filter((node) => node['Sort Method']?.startsWith('external'))).toEqual([]);
  });

  test('follows when an event moves or is canceled', async () => {
    const listed = async () =>
      (
        await database.pool.query(
          `select distinct listed_start, listed_canceled from meeting where tenant_id = 'tenant-3' and event_uri = 'E5'`,
        )
      ).rows;
    expect(await listed()).toEqual([{ listed_start: '2026-01-01T05:00:00.000000Z', listed_canceled: false }]);
    await database.pool.query(
      `update scheduled_event set status = 'canceled', start_time = null where tenant_id = 'tenant-3' and uri = 'E5'`,
    );
    expect(await listed()).toEqual([{ listed_start: '', listed_canceled: true }]);
  });
});
