import { viewConnection, type ConnectionView } from './view-connection.ts';
import { ProblemError } from '../../errors.ts';
import type { Kysely } from 'kysely';
import type { Database } from '../../db/database.ts';

export async function connectionOf({ db }: { db: Kysely<Database> }, tenantId: string): Promise<ConnectionView> {
  const view = await viewConnection(db, tenantId);
  if (view === undefined) throw new ProblemError('tenant_unknown');
  return view;
}

/** The connection of a tenant that was never seen, or is erased. */
export function unknownConnection(tenantId: string, at: Date): ConnectionView {
  return {
    tenantId,
    client: null,
    state: 'disconnected',
    substate: 'idle',
    since: at.toISOString(),
    account: null,
    pendingAccount: null,
    subscription: null,
    token: null,
    delivery: null,
    lastError: null,
    debts: [],
    version: 0,
  };
}
