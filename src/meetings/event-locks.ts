import { sql, type Transaction } from 'kysely';
import type { Database } from '../db/database.ts';
import type { Owner } from './rows.ts';

/** The lock of one scheduled event and its invitees. A transaction that merges into the event holds it until the transaction ends. */
export const eventKey = ({ tenantId, accountUri }: Owner, eventUri: string): string =>
  JSON.stringify(['scheduled_event', tenantId, accountUri, eventUri]);

/** Waits for all these locks, always in the same order, so that no two transactions wait for each other. */
export async function lockEvents(trx: Transaction<Database>, keys: Iterable<string>): Promise<void> {
  const sorted = [...new Set(keys)].sort();
  await sql`select pg_advisory_xact_lock(hashtextextended(key, 0))
    from unnest(${sorted}::text[]) with ordinality as wanted (key, place) order by place`.execute(trx);
}

/** Takes the locks that are free and waits for none. Returns the keys that it took. */
export async function lockFreeEvents(trx: Transaction<Database>, keys: Iterable<string>): Promise<Set<string>> {
  const { rows } = await sql<{ key: string; taken: boolean }>`
    select key, pg_try_advisory_xact_lock(hashtextextended(key, 0)) as taken
    from unnest(${[...new Set(keys)]}::text[]) as wanted (key)`.execute(trx);
  return new Set(rows.filter(({ taken }) => taken).map(({ key }) => key));
}
