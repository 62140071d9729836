import { sql, type Kysely } from 'kysely';
import type { ConnectionContext, ConnectionState } from '../../../machines/connection/index.ts';
import type { Database } from '../../db/database.ts';
import { fromStored } from '../dispatch/snapshot.ts';

/** What `GET /v1/tenants/{tenantId}/connection` shows. No secret, and nothing that leads to one. */
export interface ConnectionView {
  tenantId: string;
  /** The Calendly client that it is, or was last, connected with; null before the first connect or import. */
  client: string | null;
  state: ConnectionState;
  substate: string | null;
  since: string;
  account: { uri: string; email: string | null; name: string | null; organization: string | null } | null;
  pendingAccount: { uri: string; email: string | null; name: string | null; organization: string | null } | null;
  subscription: {
    uri: string | null;
    state: string | null;
    scope: string;
    events: string[];
    createdAt: string;
    lastDeliveryAt: string | null;
    retryStartedAt: string | null;
  } | null;
  token: { expiresAt: string; scope: string } | null;
  delivery: 'webhooks' | 'polling' | null;
  lastError: { code: string; message: string; at: string; exchangeId: string | null; missingScopes?: string[] } | null;
  debts: DebtView[];
  version: number;
}

export interface DebtView {
  kind: 'subscription' | 'grant';
  remoteId: string | null;
  attempts: number;
  lastError: { code: string; message: string; at: string; exchangeId: string | null } | null;
}

/** The tenant's connection as a host sees it, or undefined for a tenant that was never seen. */
export async function viewConnection(db: Kysely<Database>, tenantId: string): Promise<ConnectionView | undefined> {
  const row = await db.selectFrom('connection').selectAll().where('tenant_id', '=', tenantId).executeTakeFirst();
  if (row === undefined) return undefined;
  const { context } = fromStored(row.snapshot, row.machine_version);
  return {
    tenantId,
    client: row.client,
    state: row.state as ConnectionState,
    substate: row.substate,
    since: row.since.toISOString(),
    ...(await viewGrant(db, context)),
    pendingAccount: context.pendingAccount,
    subscription: await viewSubscription(db, context),
    delivery: context.delivery,
    lastError: viewProblem(context),
    debts: await viewDebts(db, tenantId),
    version: row.version,
  };
}

async function viewGrant(
  db: Kysely<Database>,
  { grant }: ConnectionContext,
): Promise<Pick<ConnectionView, 'account' | 'token'>> {
  const row =
    grant &&
    (await db
      .selectFrom('oauth_grant')
      .select(['account_email', 'account_name'])
      .where('id', '=', grant.id)
      .executeTakeFirst());
  if (!grant || !row) return { account: null, token: null };
  return {
    account:
      grant.accountUri === null
        ? null
        : {
            uri: grant.accountUri,
            email: row.account_email,
            name: row.account_name,
            organization: grant.organizationUri,
          },
    token: { expiresAt: grant.expiresAt, scope: grant.scope.join(' ') },
  };
}

async function viewSubscription(
  db: Kysely<Database>,
  { subscription }: ConnectionContext,
): Promise<ConnectionView['subscription']> {
  if (subscription === null) return null;
  const row = await db.selectFrom('subscription').selectAll().where('id', '=', subscription).executeTakeFirst();
  return row === undefined
    ? null
    : {
        uri: row.uri,
        state: row.remote_state,
        scope: row.scope,
        events: row.events,
        createdAt: (row.remote_created_at ?? row.created_at).toISOString(),
        lastDeliveryAt: row.last_delivery_at?.toISOString() ?? null,
        retryStartedAt: row.retry_started_at?.toISOString() ?? null,
      };
}

function viewProblem({ problem, missingScopes }: ConnectionContext): ConnectionView['lastError'] {
  return problem && { ...problem, ...(missingScopes.length > 0 ? { missingScopes } : {}) };
}

async function viewDebts(db: Kysely<Database>, tenantId: string): Promise<DebtView[]> {
  const rows = await db
    .selectFrom('debt')
    .leftJoin('subscription', 'subscription.id', 'debt.subscription_id')
    .select([
      'debt.kind',
      'debt.grant_id',
      'debt.attempts',
      'debt.last_error',
      'subscription.uri',
      'subscription.callback_url',
    ])
    .where('debt.tenant_id', '=', tenantId)
    .where('debt.settled_at', 'is', null)
    .orderBy('debt.created_at')
    .orderBy(sql`debt.id`)
    .execute();
  return rows.map((row) => ({
    kind: row.kind as DebtView['kind'],
    // While a create is in doubt, the subscription has no URI yet. A person can look for its callback URL instead.
    remoteId: row.kind === 'subscription' ? (row.uri ?? row.callback_url) : row.grant_id,
    attempts: row.attempts,
    lastError: row.last_error as unknown as DebtView['lastError'],
  }));
}
