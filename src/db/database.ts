import { Kysely, PostgresDialect } from 'kysely';
import pg from 'pg';
import { parseColumn } from './parse-column.ts';
import { PooledDialect } from './transaction-limits.ts';
import type { DB } from './types.ts';
import { watchPool } from './watched-pool.ts';

export type Database = DB;
export type OpenDatabase = { db: Kysely<Database>; pool: pg.Pool; close(): Promise<void> };
export type OpenDatabaseOptions = {
  url: string;
  max?: number;
  limits?: DatabaseLimits;
  /** True if a pool in between gives each transaction another connection. */
  pooled?: boolean;
  log?: { warn(detail: object, message: string): void };
};

/** How long one statement may run, and how long it may wait for a lock, in milliseconds; 0: without limit. */
export interface DatabaseLimits {
  statementMs: number;
  lockMs: number;
}

/** For requests, effects and timers, whose callers wait. If another session locks a tenant's row, only this tenant should have to wait. */
const SHORT_LIMITS: DatabaseLimits = { statementMs: 5_000, lockMs: 2_000 };
/** For upkeep: batches of deletions, and erasures. */
export const LONG_LIMITS: DatabaseLimits = { statementMs: 60_000, lockMs: 5_000 };
/** For migrations, because an index on a large table may take long. */
export const NO_LIMITS: DatabaseLimits = { statementMs: 0, lockMs: 0 };

/** A database that does not answer counts as down: callers get a 503 instead of waiting for ever. */
const CONNECT_TIMEOUT_MS = 3_000;
/** The server ends a slow statement itself. If no answer comes for this much longer, the connection counts as lost. */
const SILENCE_MS = 1_000;
/** The server ends the transaction of a frozen instance after this time, because others wait for the rows that it has locked. */
const IDLE_IN_TRANSACTION_MS = 5_000;
const KEEP_ALIVE_AFTER_MS = 5_000;

export function openDatabase({
  url,
  max = 10,
  limits = SHORT_LIMITS,
  pooled = false,
  log,
}: OpenDatabaseOptions): OpenDatabase {
  const { statementMs, lockMs } = limits;
  const pool = new pg.Pool({
    connectionString: url,
    max,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    types: { getTypeParser: parseColumn },
    keepAlive: true,
    keepAliveInitialDelayMillis: KEEP_ALIVE_AFTER_MS,
    ...(statementMs === 0 ? {} : { query_timeout: statementMs + SILENCE_MS }),
    // A pool in between refuses connections with these settings.
    ...(pooled ? {} : sessionLimits(limits)),
  });
  // If an idle connection breaks (the database restarts), the pool emits an error. Without a listener it would end the process
  pool.on('error', (error) => log?.warn({ err: error }, 'an idle database connection broke'));
  // If a connection breaks during a query, the client emits an error as well
  pool.on('connect', (client) => client.on('error', () => {}));
  const watched = { pool: watchPool(pool, { prepares: !pooled }) };
  const dialect = pooled
    ? new PooledDialect(watched, { statementMs, lockMs, idleMs: IDLE_IN_TRANSACTION_MS })
    : new PostgresDialect(watched);
  const db = new Kysely<Database>({ dialect });
  const close = async () => {
    await db.destroy();
    if (!pool.ending) await pool.end(); // Kysely leaves a pool alone that it has not used yet
  };
  let closing: Promise<void> | undefined;
  return { db, pool, close: () => (closing ??= close()) };
}

const sessionLimits = ({ statementMs, lockMs }: DatabaseLimits) => ({
  idle_in_transaction_session_timeout: IDLE_IN_TRANSACTION_MS,
  ...(statementMs === 0 ? {} : { statement_timeout: statementMs }),
  ...(lockMs === 0 ? {} : { lock_timeout: lockMs }),
});
