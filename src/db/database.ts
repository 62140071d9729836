import { Kysely, PostgresDialect } from 'kysely';
import pg from 'pg';
import { parseColumn } from './parse-column.ts';
import type { DB } from './types.ts';

export type Database = DB;
export type OpenDatabase = { db: Kysely<Database>; pool: pg.Pool; close(): Promise<void> };
export type OpenDatabaseOptions = { url: string; max?: number; log?: { warn(detail: object, message: string): void } };

/** A database that does not answer is one that is down: callers get their 503 instead of waiting for ever. */
const CONNECT_TIMEOUT_MS = 5_000;

/** A frozen instance gives back the rows that it holds locked: other instances' tenants wait for them. */
const IDLE_IN_TRANSACTION_MS = 15_000;

export function openDatabase({ url, max = 10, log }: OpenDatabaseOptions): OpenDatabase {
  const pool = new pg.Pool({
    connectionString: url, max, connectionTimeoutMillis: CONNECT_TIMEOUT_MS, types: { getTypeParser: parseColumn },
    idle_in_transaction_session_timeout: IDLE_IN_TRANSACTION_MS,
  });
  // An idle connection that breaks (the database restarts) is an event of the pool; unheard, it would end the process
  pool.on('error', (error) => log?.warn({ err: error }, 'an idle database connection broke'));
  // One that breaks in the middle of a query rejects that query, and is an event of the client as well: unheard, the same
  pool.on('connect', (client) => client.on('error', () => {}));
  const db = new Kysely<Database>({ dialect: new PostgresDialect({ pool }) });
  const close = async () => {
    await db.destroy();
    if (!pool.ending) await pool.end(); // Kysely leaves a pool alone that it has not used yet
  };
  let closing: Promise<void> | undefined;
  return { db, pool, close: () => (closing ??= close()) };
}
