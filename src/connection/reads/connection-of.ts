import { viewConnection, type ConnectionView } from './view-connection.ts';
import { ProblemError } from '../../errors.ts';
import type { HttpDeps } from '../../http/http-deps.ts';

export async function connectionOf({ db }: Pick<HttpDeps, 'db'>, tenantId: string): Promise<ConnectionView> {
  const view = await viewConnection(db, tenantId);
  if (view === undefined) throw new ProblemError('tenant_unknown');
  return view;
}

/** What a tenant looks like that was never seen, or is erased. */
export function unknownConnection(tenantId: string, at: Date): ConnectionView {
  return {
    tenantId,
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

/** Commands change things at Calendly: not while the database is known to belong to another installation. */
export function assertMayAct({ mayAct }: Pick<HttpDeps, 'mayAct'>): void {
  if (!mayAct())
    throw new ProblemError(
      'installation_changed',
      'Set ADOPT_INSTALLATION to the new PUBLIC_URL if this database has moved.',
    );
}
