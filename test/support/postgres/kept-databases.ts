import pg from 'pg';
import { afterAll, afterEach } from 'vitest';

type TestDatabaseToDrop = { name: string; adminUrl: string; close(): Promise<void> };

const databases: TestDatabaseToDrop[] = [];
let failed = false;

/** Until the file's tests are over nobody knows whether one of them fails, and then its database is worth looking at. */
export function dropUnlessFailed(database: TestDatabaseToDrop): void {
  databases.push(database);
}

afterEach(({ task }) => {
  failed ||= task.result?.state === 'fail';
});

// Registered by a setup file, this runs after every afterAll of the test file itself
afterAll(async () => {
  for (const database of databases.splice(0)) {
    await database.close();
    if (failed) {
      console.error(`Kept the database ${database.name} of the failed test.`);
      continue;
    }
    const admin = new pg.Client({ connectionString: database.adminUrl });
    await admin.connect();
    await admin.query(`drop database ${database.name} with (force)`);
    await admin.end();
  }
});
