import type { Transaction } from 'kysely';
import type { Database } from '../../db/database.ts';

/** Locks the tenant's row until the transaction ends. Always the first lock of a transaction, before grants and attempts. */
export async function lockConnection(trx: Transaction<Database>, tenantId: string): Promise<void> {
  await trx.selectFrom('connection').select('version').where('tenant_id', '=', tenantId).forUpdate().executeTakeFirst();
}
