import type { Kysely } from 'kysely';
import type { Database } from '../../../src/db/database.ts';

/** The row alone, for tests of what hangs on a connection's current account (null: disconnected). */
export async function storeConnection(
  db: Kysely<Database>,
  tenantId: string,
  accountUri: string | null,
): Promise<void> {
  const state = accountUri === null ? 'disconnected' : 'connected';
  await db
    .insertInto('connection')
    .values({
      tenant_id: tenantId,
      snapshot: '{}',
      machine_version: 1,
      version: 1,
      state,
      since: new Date(),
      account_uri: accountUri,
    })
    .onConflict((conflict) => conflict.column('tenant_id').doUpdateSet({ state, account_uri: accountUri }))
    .execute();
}
