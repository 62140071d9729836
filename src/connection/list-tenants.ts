import { sql, type Kysely } from 'kysely';
import { Type } from 'typebox';
import type { Database } from '../db/database.ts';
import { CursorTime, decodeCursor } from '../http/cursor.ts';
import { toPage, type Page } from '../http/page.ts';

const Position = Type.Tuple([CursorTime, Type.String({ pattern: '^[A-Za-z0-9._:-]{1,128}$' })]);

export interface TenantItem {
  tenantId: string;
  state: string;
  substate: string | null;
  since: string;
  account: { uri: string; email: string | null; name: string | null } | null;
  version: number;
}

/** Connections, newest change of state first; `state` is a state, or a state and its sub-state with a dot. */
export async function listTenants(db: Kysely<Database>, { state, q, limit, cursor }:
  { state?: string | undefined; q?: string | undefined; limit: number; cursor?: string | undefined }):
  Promise<Page<TenantItem> & { counts: Record<string, number> }> {
  let query = db.selectFrom('connection')
    .leftJoin('oauth_grant', (join) => join.onRef('oauth_grant.tenant_id', '=', 'connection.tenant_id').on('oauth_grant.status', '=', 'current'))
    .select(['connection.tenant_id', 'connection.state', 'connection.substate', 'connection.since', 'connection.version',
      'connection.account_uri', 'oauth_grant.account_email', 'oauth_grant.account_name']);
  if (state !== undefined) {
    const [top, ...below] = state.split('.');
    query = query.where('connection.state', '=', top!);
    if (below.length > 0) query = query.where('connection.substate', '=', below.join('.'));
  }
  if (q !== undefined && q.trim() !== '') {
    const pattern = `%${q.trim().replace(/[\\%_]/g, '\\$&')}%`;
    query = query.where(({ eb, or }) => or([eb('connection.tenant_id', 'ilike', pattern), eb('connection.account_uri', 'ilike', pattern),
      eb('oauth_grant.account_email', 'ilike', pattern), eb('oauth_grant.account_name', 'ilike', pattern)]));
  }
  // In milliseconds, as the cursor carries it: finer parts of a stored time would make a row appear twice.
  const since = sql<Date>`date_trunc('milliseconds', connection.since)`;
  if (cursor !== undefined) {
    const [at, tenantId] = decodeCursor(Position, cursor);
    query = query.where(sql<boolean>`(${since}, connection.tenant_id) < (${new Date(at)}::timestamptz, ${tenantId})`);
  }
  const rows = await query.orderBy(since, 'desc').orderBy('connection.tenant_id', 'desc').limit(limit + 1).execute();
  const page = toPage(rows, limit, (row): TenantItem => ({
    tenantId: row.tenant_id,
    state: row.state,
    substate: row.substate,
    since: row.since.toISOString(),
    account: row.account_uri === null ? null : { uri: row.account_uri, email: row.account_email, name: row.account_name },
    version: row.version,
  }), (row) => [row.since.getTime(), row.tenant_id]);
  return { ...page, counts: await countByState(db) };
}

export async function countByState(db: Kysely<Database>): Promise<Record<string, number>> {
  const counts = { disconnected: 0, authorizing: 0, refreshing: 0, syncingWebhooks: 0, connected: 0, error: 0 };
  const rows = await db.selectFrom('connection').select(['state', ({ fn }) => fn.countAll<number>().as('count')]).groupBy('state').execute();
  return { ...counts, ...Object.fromEntries(rows.map((row) => [row.state, Number(row.count)])) };
}
