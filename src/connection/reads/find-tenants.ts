import { sql, type Kysely, type RawBuilder } from 'kysely';
import type { Database } from '../../db/database.ts';

/** Trigrams need three letters. */
const SHORTEST_PART = 3;
/**
 * Up to this number, the tenants that match are named one by one. Beyond it, so many match that reading the list in its order finds a page
 * at once.
 */
const MOST_NAMED = 1_000;

/** The condition for what a person typed: a whole URI, the beginning of a tenant id, or a part of an id, e-mail or name. */
export async function findTenants(db: Kysely<Database>, q: string): Promise<RawBuilder<boolean>> {
  if (/^https?:\/\//.test(q)) return named(await ofUri(db, q));
  if (q.length < SHORTEST_PART) return sql<boolean>`starts_with(connection.tenant_id, ${q})`;
  const pattern = `%${q.replace(/[\\%_]/g, '\\$&')}%`;
  const { rows } = await sql<{ tenant_id: string }>`
    (select tenant_id from connection where tenant_id ilike ${pattern} or account_uri ilike ${pattern} limit ${MOST_NAMED + 1})
    union
    (select tenant_id from oauth_grant where status = 'current' and (account_email ilike ${pattern} or account_name ilike ${pattern})
      limit ${MOST_NAMED + 1})`.execute(db);
  if (rows.length <= MOST_NAMED) return named(rows.map((row) => row.tenant_id));
  return sql<boolean>`(connection.tenant_id ilike ${pattern} or connection.account_uri ilike ${pattern} or exists (select from oauth_grant as found
    where found.tenant_id = connection.tenant_id and found.status = 'current' and (found.account_email ilike ${pattern} or found.account_name ilike ${pattern})))`;
}

const named = (ids: string[]): RawBuilder<boolean> => sql<boolean>`connection.tenant_id = any(${ids}::text[])`;

/** The tenants with this account, this subscription or this callback URL. */
async function ofUri(db: Kysely<Database>, uri: string): Promise<string[]> {
  const { rows } = await sql<{ tenant_id: string }>`
    select tenant_id from connection where account_uri = ${uri}
    union select tenant_id from subscription where uri = ${uri} or callback_url = ${uri} limit ${MOST_NAMED}`.execute(
    db,
  );
  return rows.map((row) => row.tenant_id);
}
