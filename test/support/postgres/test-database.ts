import { randomBytes } from 'node:crypto';
import type { Kysely } from 'kysely';
import pg from 'pg';
import { inject } from 'vitest';
import { type Database, NO_LIMITS, openDatabase } from '../../../src/db/database.ts';
import { dropUnlessFailed } from './kept-databases.ts';
import { TEMPLATE, TEST_DATABASE_PREFIX } from './test-postgres-names.ts';

export type TestDatabase = {
  url: string;
  name: string;
  db: Kysely<Database>;
  pool: pg.Pool;
  /** Ends our connections. The database itself goes at the end of the test file, unless a test of it failed. */
  close(): Promise<void>;
};

/** An own, migrated database (pg-boss's schema included): a clone of the run's template. An empty one: `template0`. */
export async function createTestDatabase({
  max = 10,
  template = TEMPLATE,
}: { max?: number; template?: string } = {}): Promise<TestDatabase> {
  const adminUrl = inject('postgresUrl');
  const name = `${TEST_DATABASE_PREFIX}${randomBytes(6).toString('hex')}`;
  const admin = new pg.Client({ connectionString: adminUrl });
  await admin.connect();
  // Copying files beats writing them through the log: nothing of this has to survive a crash
  await admin.query(`create database ${name} template ${template} strategy file_copy`);
  await admin.end();
  const url = new URL(adminUrl);
  url.pathname = `/${name}`;
  const { db, pool, close } = openDatabase({ url: url.href, max, limits: NO_LIMITS });
  dropUnlessFailed({ name, adminUrl, close });
  return { url: url.href, name, db, pool, close };
}
