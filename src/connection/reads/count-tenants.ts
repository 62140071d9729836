import type { Kysely } from 'kysely';
import { countByState } from './list-tenants.ts';
import type { Database } from '../../db/database.ts';

/** Counting reads every tenant. A count is reused for this many times as long as it took, so with few tenants it is always fresh. */
const REUSED_FOR_TIMES_AS_LONG = 20;

const counted = new WeakMap<Kysely<Database>, { counts: Promise<Record<string, number>>; until: number }>();

export function countTenants(db: Kysely<Database>): Promise<Record<string, number>> {
  const known = counted.get(db);
  if (known !== undefined && performance.now() < known.until) return known.counts;
  const start = performance.now();
  // Callers who come while it counts wait for the same answer.
  const entry = { counts: countByState(db), until: Infinity };
  counted.set(db, entry);
  entry.counts.then(
    () => {
      const end = performance.now();
      entry.until = end + (end - start) * REUSED_FOR_TIMES_AS_LONG;
    },
    () => counted.delete(db),
  );
  return entry.counts;
}
