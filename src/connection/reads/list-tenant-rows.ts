import { sql, type Kysely, type RawBuilder } from 'kysely';
import { Type } from 'typebox';
import { findTenants } from './find-tenants.ts';
import type { Database } from '../../db/database.ts';
import { decodeCursor } from '../../paging/cursor.ts';
import { toPage, type Page } from '../../paging/to-page.ts';
import { countTenants } from './count-tenants.ts';

export interface TenantQuery {
  /** A state, or a state and its sub-state with a dot. */
  state?: string | undefined;
  q?: string | undefined;
  /** `trouble`: errors first, then what is under way, those that last longest first · `recent`: the last change of state first. */
  sort: 'trouble' | 'recent';
  cursor?: string | undefined;
}

export interface TenantRow {
  tenantId: string;
  state: string;
  substate: string | null;
  since: Date;
  account: { uri: string; email: string | null; name: string | null } | null;
  problem: { code: string; message: string } | null;
  debts: number;
}

export type TenantListing = Page<TenantRow> & { counts: Record<string, number> };

const Position = Type.Tuple([Type.Integer(), Type.String({ format: 'date-time' }), Type.String({ maxLength: 128 })]);
const LIMIT = 50;

/** Letter by letter as in the index `connection_by_trouble`. Otherwise PostgreSQL sorts all tenants for every page. */
const trouble = sql<number>`(case connection.state when 'error' then 0 when 'connected' then 2 when 'disconnected' then 3 else 1 end)`;

export async function listTenantRows(
  db: Kysely<Database>,
  { state, q = '', sort, cursor }: TenantQuery,
  limit = LIMIT,
): Promise<TenantListing> {
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
      'connection.account_uri',
      'oauth_grant.account_email',
      'oauth_grant.account_name',
      trouble.as('trouble'),
      sql<TenantRow['problem']>`nullif(connection.snapshot->'context'->'problem', 'null')`.as('problem'),
      sql<number>`jsonb_array_length(connection.snapshot->'context'->'debts')`.as('debts'),
    ]);
  if (state !== undefined && state !== '') {
    const [top, ...below] = state.split('.');
    query = query.where('connection.state', '=', top!);
    if (below.length > 0) query = query.where('connection.substate', '=', below.join('.'));
  }
  if (q.trim() !== '') query = query.where(await findTenants(db, q.trim()));
  const key: RawBuilder<unknown> =
    sort === 'trouble'
      ? sql`(${trouble}, connection.since, connection.tenant_id)`
      : sql`(connection.since, connection.tenant_id)`;
  if (cursor !== undefined) {
    const [rank, since, tenantId] = decodeCursor(Position, cursor);
    query = query.where(
      sort === 'trouble'
        ? sql<boolean>`${key} > (${rank}::int, ${since}::timestamptz, ${tenantId})`
        : sql<boolean>`${key} < (${since}::timestamptz, ${tenantId})`,
    );
  }
  const direction = sort === 'trouble' ? 'asc' : 'desc';
  if (sort === 'trouble') query = query.orderBy(trouble);
  const rows = await query
    .orderBy('connection.since', direction)
    .orderBy('connection.tenant_id', direction)
    .limit(limit + 1)
    .execute();
  const page = toPage(
    rows,
    limit,
    (row): TenantRow => ({
      tenantId: row.tenant_id,
      state: row.state,
      substate: row.substate,
      since: row.since,
      problem: row.problem,
      debts: row.debts,
      account:
        row.account_uri === null ? null : { uri: row.account_uri, email: row.account_email, name: row.account_name },
    }),
    (row) => [row.trouble, row.since.toISOString(), row.tenant_id],
  );
  return { ...page, counts: await countTenants(db) };
}
