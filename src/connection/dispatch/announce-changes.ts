import { sql, type Kysely } from 'kysely';
import type { Database } from '../../db/database.ts';
import type { Change } from './after-commit.ts';

export const CONNECTION_CHANGED = 'connection_changed';

export interface Announcer {
  tell(changes: readonly Change[]): void;
  /** Resolves when everything has been told. */
  settled(): Promise<void>;
}

/**
 * How many tenants one statement takes, and how many wait for the next one. Beyond that, a tenant's waiting callers find out a second
 * later.
 */
const MOST_AT_ONCE = 1_000;

/**
 * Tells all instances which connections have changed, after the commit. One statement runs at a time. Changes that come meanwhile are told
 * together by the next one, with each tenant's newest version.
 */
export function announceChanges(db: Kysely<Database>, onError: (error: unknown) => void): Announcer {
  let waiting = new Map<string, number>();
  let running: Promise<void> | null = null;

  const run = async (): Promise<void> => {
    while (waiting.size > 0) {
      const payloads = [...waiting].map(([tenantId, version]) => JSON.stringify({ tenantId, version }));
      waiting = new Map();
      try {
        await sql`select pg_notify(${CONNECTION_CHANGED}, payload) from unnest(${payloads}::text[]) as payload`.execute(
          db,
        );
      } catch (error) {
        onError(error);
      }
    }
    running = null;
  };

  return {
    tell(changes) {
      for (const { tenantId, version } of changes) {
        if (waiting.size < MOST_AT_ONCE || waiting.has(tenantId))
          waiting.set(tenantId, Math.max(version, waiting.get(tenantId) ?? 0));
      }
      running ??= run();
    },
    settled: () => running ?? Promise.resolve(),
  };
}
