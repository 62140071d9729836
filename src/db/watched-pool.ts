import type { PostgresPool, PostgresPoolClient } from 'kysely';
import type pg from 'pg';
import { markDatabaseError } from './database-failure.ts';
import { namePrepared } from './prepared-statements.ts';

/** pg's error for this has no code. */
const NO_ANSWER = 'Query read timeout';

/**
 * The pool as Kysely uses it, for a database that may fall silent: after a failover the old connections are neither closed nor
 * answered. After one query without an answer, all connections of that time are closed instead of being tried one
 * after the other, each for as long as a query may take. Whatever the driver throws is marked as the database's.
 * `prepares`: a connection keeps statements that are marked so; not where a pool in between changes the connection.
 */
export function watchPool(pool: pg.Pool, { prepares }: { prepares: boolean }): PostgresPool {
  /** Counts silences. A connection of an earlier count is not used again. */
  let silences = 0;
  const bornAt = new WeakMap<pg.PoolClient, number>();
  const known = new WeakMap<pg.PoolClient, PostgresPoolClient>();
  pool.on('connect', (client) => bornAt.set(client as pg.PoolClient, silences));

  const watch = (client: pg.PoolClient): PostgresPoolClient => {
    let isSilent = false;
    const query = async (...args: unknown[]): Promise<unknown> => {
      // No later query of this connection would be answered either.
      if (isSilent) throw markDatabaseError(new Error('The database connection has fallen silent.'));
      try {
        return await (client.query as (...args: unknown[]) => Promise<unknown>)(
          ...(prepares ? namePrepared(args) : args),
        );
      } catch (error) {
        if (error instanceof Error && error.message === NO_ANSWER) {
          isSilent = true;
          if (bornAt.get(client) === silences) silences++;
        }
        throw markDatabaseError(error);
      }
    };
    return {
      query: query as PostgresPoolClient['query'],
      release: (destroy) => client.release(isSilent || destroy),
    };
  };

  return {
    options: pool.options,
    async connect() {
      for (;;) {
        const client = await pool.connect().catch((error: unknown) => {
          throw markDatabaseError(error);
        });
        if (bornAt.get(client) === silences) {
          const watched = known.get(client) ?? watch(client);
          known.set(client, watched);
          return watched;
        }
        client.release(true);
      }
    },
    end: () => pool.end(),
  };
}
