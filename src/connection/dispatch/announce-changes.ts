import { sql, type Kysely } from 'kysely';
import type { Database } from '../../db/database.ts';
import type { Change } from './after-commit.ts';

export const CONNECTION_CHANGED = 'connection_changed';

export interface Announcer {
  tell(changes: readonly Change[]): void;
  /** Resolves when everything has been told. */
  settled(): Promise<void>;
}

/** The most tenants of one statement, and the most that wait for the next. If one is left out, its readers look again a second later. */
const MOST_AT_ONCE = 1_000;

/**
 * Tells all instances which connections have changed, after the commit. One statement at a time: what is to be told while it is
 * under way is told together by the next, of each tenant the newest version.
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
