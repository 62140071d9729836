import type { Transaction } from 'kysely';
import type { Database } from '../../db/database.ts';

export interface Change {
  tenantId: string;
  version: number;
}

/** A job that can run now. */
export interface NewJob {
  queue: string;
  priority: number;
}

export interface AfterCommit {
  changes: Change[];
  jobs: NewJob[];
}

const open = new WeakMap<Transaction<Database>, AfterCommit>();

/**
 * What has to be told when this open transaction is committed. A NOTIFY inside the transaction would do the same, but PostgreSQL commits
 * transactions with NOTIFY one after the other, so no two could share one write to the disk.
 */
export function afterCommit(trx: Transaction<Database>): AfterCommit {
  const after = open.get(trx) ?? { changes: [], jobs: [] };
  open.set(trx, after);
  return after;
}
