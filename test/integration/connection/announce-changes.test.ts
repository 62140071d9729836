import pg from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { announceChanges, CONNECTION_CHANGED } from '../../../src/connection/dispatch/announce-changes.ts';
import type { Change } from '../../../src/connection/dispatch/after-commit.ts';
import { countQueries, type QueryCount } from '../../support/postgres/count-queries.ts';
import { createTestDatabase, type TestDatabase } from '../../support/postgres/test-database.ts';
import { waitFor } from '../../support/service/wait-for.ts';

describe('announceChanges', () => {
  let database: TestDatabase;
  let listener: pg.Client;
  let count: (work: () => Promise<unknown>) => Promise<QueryCount>;
  const heard: Change[] = [];
  beforeAll(async () => {
    database = await createTestDatabase();
    count = countQueries(database.pool);
    listener = new pg.Client({ connectionString: database.url });
    await listener.connect();
    listener.on('notification', ({ payload }) => heard.push(JSON.parse(payload!) as Change));
    await listener.query(`listen ${CONNECTION_CHANGED}`);
  });
  afterAll(async () => {
    await listener.end();
    await database.close();
  });

  test('tells together what changed while it was telling, and of each tenant the newest version', async () => {
    const announcer = announceChanges(database.db, () => {});
    const { statements } = await count(async () => {
      for (let version = 1; version <= 3; version++) {
        for (const tenantId of ['one', 'two', 'three']) announcer.tell([{ tenantId, version }]);
      }
      await announcer.settled();
    });
    expect(statements).toBe(2);
    await waitFor(() => heard.length === 4);
    expect(heard[0]).toEqual({ tenantId: 'one', version: 1 });
    expect(heard.slice(1).map(({ version }) => version)).toEqual([3, 3, 3]);
  });

  test('a database that does not answer costs the telling and nothing else', async () => {
    const gone = await createTestDatabase();
    await gone.close();
    const errors: unknown[] = [];
    const announcer = announceChanges(gone.db, (error) => errors.push(error));
    announcer.tell([{ tenantId: 'one', version: 4 }]);
    await announcer.settled();
    expect(errors).toHaveLength(1);
  });
});
