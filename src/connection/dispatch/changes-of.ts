import type { Transaction } from 'kysely';
import type { Database } from '../../db/database.ts';

export interface Change {
  tenantId: string;
  version: number;
}

const untold = new WeakMap<Transaction<Database>, Change[]>();

/**
 * Changes of a transaction that is still open, to be told once it is committed. A NOTIFY inside the transaction would do the
 * same, but PostgreSQL commits such transactions one after the other, so no two could share one write to the disk.
 */
export function changesOf(trx: Transaction<Database>): Change[] {
  const changes = untold.get(trx) ?? [];
  untold.set(trx, changes);
  return changes;
}
