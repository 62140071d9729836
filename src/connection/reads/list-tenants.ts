import { sql, type Kysely } from 'kysely';
import { Type } from 'typebox';
import type { ConnectionState } from '../../../machines/connection/index.ts';
import type { Database } from '../../db/database.ts';
import { CursorTime, decodeCursor } from '../../paging/cursor.ts';
import { toPage, type Page } from '../../paging/to-page.ts';
import { findTenants } from './find-tenants.ts';

const Position = Type.Tuple([CursorTime, Type.String({ pattern: '^[A-Za-z0-9._:-]{1,128}$' })]);

export interface TenantItem {
  tenantId: string;
  state: ConnectionState;
  substate: string | null;
  since: string;
  account: { uri: string; email: string | null; name: string | null } | null;
  version: number;
}

/** Connections, the newest change of state first. `state` is a state, or a state and its sub-state with a dot. */
export async function listTenants(
  db: Kysely<Database>,
  {
    state,
    q,
    limit,
    cursor,
  }: { state?: string | undefined; q?: string | undefined; limit: number; cursor?: string | undefined },
): Promise<Page<TenantItem> & { counts: Record<string, number> }> {
  let query = db
    .selectFrom('connection')
    .leftJoin('oauth_grant', (join) =>
      join.onRef('oauth_grant.tenant_id', '=', 'connection.tenant_id').on('oauth_grant.status', '=', 'current'),
    )
    .select([
      'connection.tenant_id',
      'connection.state',
      'connection.substate',
      'connection.since',
      'connection.version',
      'connection.account_uri',
      'oauth_grant.account_email',
      'oauth_grant.account_name',
    ]);
  if (state !== undefined) {
    const [top, ...below] = state.split('.');
    query = query.where('connection.state', '=', top!);
    if (below.length > 0) query = query.where('connection.substate', '=', below.join('.'));
  }
  if (q !== undefined && q.trim() !== '') query = query.where(await findTenants(db, q.trim()));
  if (cursor !== undefined) {
    const [at, tenantId] = decodeCursor(Position, cursor);
    query = query.where(
      sql<boolean>`(connection.since, connection.tenant_id) < (${new Date(at)}::timestamptz, ${tenantId})`,
    );
  }
  // The same order as in the index `connection_by_since`. The cursor carries milliseconds, as all our stored times do.
  const rows = await query
    .orderBy('connection.since', 'desc')
    .orderBy('connection.tenant_id', 'desc')
    .limit(limit + 1)
    .execute();
  const page = toPage(
    rows,
    limit,
    (row): TenantItem => ({
      tenantId: row.tenant_id,
      state: row.state as ConnectionState,
      substate: row.substate,
      since: row.since.toISOString(),
      account:
        row.account_uri === null ? null : { uri: row.account_uri, email: row.account_email, name: row.account_name },
      version: row.version,
    }),
    (row) => [row.since.getTime(), row.tenant_id],
  );
  return { ...page, counts: await countByState(db) };
}

export async function countByState(db: Kysely<Database>): Promise<Record<string, number>> {
  const counts = { disconnected: 0, authorizing: 0, refreshing: 0, syncingWebhooks: 0, connected: 0, error: 0 };
  const rows = await db
    .selectFrom('connection')
    .select(['state', ({ fn }) => fn.countAll<number>().as('count')])
    .groupBy('state')
    .execute();
  return { ...counts, ...Object.fromEntries(rows.map((row) => [row.state, Number(row.count)])) };
}
