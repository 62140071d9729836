import { sql, type Kysely } from 'kysely';
import type { Database } from '../../db/database.ts';

/** Changes whenever something of the tenant does that its pages show: four index look-ups. */
export async function readMark(db: Kysely<Database>, tenantId: string): Promise<string> {
  const { rows } = await sql<{ mark: string }>`select concat(
    (select version from connection where tenant_id = ${tenantId}), '/',
    (select id from history where tenant_id = ${tenantId} order by id desc limit 1), '/',
    (select id from delivery where tenant_id = ${tenantId} order by id desc limit 1), '/',
    (select id from exchange where tenant_id = ${tenantId} order by started_at desc, id desc limit 1)) as mark`.execute(
    db,
  );
  return rows[0]!.mark;
}
