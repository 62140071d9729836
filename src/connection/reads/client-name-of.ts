import type { Kysely } from 'kysely';
import type { Database } from '../../db/database.ts';

/** The name of the client that a tenant is connected with; null where none was chosen. */
export async function clientNameOf(db: Kysely<Database>, tenantId: string): Promise<string | null> {
  const row = await db.selectFrom('connection').select('client').where('tenant_id', '=', tenantId).executeTakeFirst();
  return row?.client ?? null;
}
