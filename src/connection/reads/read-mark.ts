import { sql, type Kysely } from 'kysely';
import type { Database } from '../../db/database.ts';

/** A text that changes whenever something changes that the tenant's pages show. It costs seven index look-ups. */
export async function readMark(db: Kysely<Database>, tenantId: string): Promise<string> {
  const { rows } = await sql<{ mark: string }>`select concat(
    (select version from connection where tenant_id = ${tenantId}), '/',
    (select id from history where tenant_id = ${tenantId} order by id desc limit 1), '/',
    (select id from delivery where tenant_id = ${tenantId} order by id desc limit 1), '/',
    (select id from exchange where tenant_id = ${tenantId} order by started_at desc, id desc limit 1), '/',
    (select concat(seq, status, attempts) from host_event where tenant_id = ${tenantId} order by seq desc limit 1), '/',
    (select count(*) from host_event where tenant_id = ${tenantId} and status = 'parked'), '/',
    (select updated_at from backfill where tenant_id = ${tenantId} order by run desc limit 1)) as mark`.execute(db);
  return rows[0]!.mark;
}
