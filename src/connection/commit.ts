import type { Kysely, Transaction } from 'kysely';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Database } from '../db/database.ts';
import { isConnectionFailure } from '../db/connection-failure.ts';

const FIRST_WAIT_MS = 100;
const MOST_WAIT_MS = 2_000;

/**
 * Runs a transaction until it commits, however long the database is away: whoever holds an answer of Calendly keeps it
 * until it is stored. Anything but a lost database is a bug and throws.
 */
export async function commitUntilStored<T>(db: Kysely<Database>, work: (trx: Transaction<Database>) => Promise<T>): Promise<T> {
  for (let wait = FIRST_WAIT_MS; ; wait = Math.min(wait * 2, MOST_WAIT_MS)) {
    try {
      return await db.transaction().execute(work);
    } catch (error) {
      if (!isConnectionFailure(error)) throw error;
      await sleep(wait);
    }
  }
}
