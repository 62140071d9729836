import { afterAll, beforeAll, expect, test } from 'vitest';
import { listTenantRows, type TenantQuery } from '../../../src/connection/reads/list-tenant-rows.ts';
import { createTestDatabase, type TestDatabase } from '../../support/postgres/test-database.ts';

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
  const rows = Array.from({ length: 120 }, (_, index) => ({
    index,
    state:
      index % 10 === 0 ? 'error' : index % 10 === 1 ? 'refreshing' : index % 10 === 2 ? 'disconnected' : 'connected',
  }));
  const snapshot = JSON.stringify({ value: 'x', context: { problem: null, debts: [] } });
  await database.db
    .insertInto('connection')
    .values(
      rows.map(({ index, state }) => ({
        tenant_id: `tenant_${String(index).padStart(3, '0')}`,
        snapshot,
        machine_version: 1,
        version: 0,
        state,
        substate: state === 'error' ? 'retrying' : null,
        // Many at the same instant: the id decides.
        since: new Date(Date.UTC(2026, 0, 1 + (index % 4))),
        account_uri: `https://api.calendly.com/users/U${index}`,
      })),
    )
    .execute();
  await database.db
    .insertInto('oauth_grant')
    .values(
      rows.map(({ index }) => ({
        id: `00000000-0000-4000-8000-${String(index).padStart(12, '0')}`,
        tenant_id: `tenant_${String(index).padStart(3, '0')}`,
        issuer: 'i',
        client_id: 'c',
        status: 'current',
        account_email: `Person${index}@mail.example`,
        account_name: `Name 100%_${index}`,
        scope: '',
        expires_at: new Date(),
        refreshed_at: new Date(),
        created_at: new Date(),
      })),
    )
    .execute();
});
afterAll(() => database.close());

async function all(query: Omit<TenantQuery, 'cursor'>): Promise<string[]> {
  const ids: string[] = [];
  let cursor: string | undefined;
  do {
    const page = await listTenantRows(database.db, { ...query, cursor }, 7);
    ids.push(...page.items.map((item) => item.tenantId));
    cursor = page.nextCursor ?? undefined;
  } while (cursor !== undefined);
  return ids;
}

test('pages give every tenant once, in both orders', async () => {
  for (const sort of ['trouble', 'recent'] as const) {
    const ids = await all({ sort });
    expect(ids).toHaveLength(120);
    expect(new Set(ids).size).toBe(120);
  }
});

test('what is longest in a bad state comes first', async () => {
  const { items, counts } = await listTenantRows(database.db, { sort: 'trouble' }, 100);
  const states = items.map((item) => item.state);
  expect(states.slice(0, 24)).toEqual([...Array(12).fill('error'), ...Array(12).fill('refreshing')]);
  const since = items.slice(0, 12).map((item) => item.since.getTime());
  expect(since).toEqual([...since].sort((a, b) => a - b));
  expect(counts).toMatchObject({ error: 12, refreshing: 12, disconnected: 12, connected: 84 });
});

test('the search takes parts of ids, e-mails and names, beginnings of ids, and whole URIs; no pattern of its own', async () => {
  expect(await all({ sort: 'trouble', q: 'tenant_11' })).toHaveLength(10);
  expect(await all({ sort: 'recent', q: 'pERSON42@' })).toEqual(['tenant_042']);
  expect(await all({ sort: 'trouble', q: '100%_99' })).toEqual(['tenant_099']);
  expect(await all({ sort: 'trouble', q: 'te' })).toHaveLength(120);
  expect(await all({ sort: 'trouble', q: 'nt' })).toEqual([]);
  expect(await all({ sort: 'trouble', q: 'https://api.calendly.com/users/U7' })).toEqual(['tenant_007']);
  expect(await all({ sort: 'trouble', q: '%%%' })).toEqual([]);
  expect(await all({ sort: 'trouble', q: 'mail.example', state: 'error.retrying' })).toHaveLength(12);
});
