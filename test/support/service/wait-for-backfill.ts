import type { TestService } from './start-test-service.ts';
import { connectionPath } from './connect-tenant.ts';
import { waitFor } from './wait-for.ts';

/**
 * Ends when the back-fill of the account that the tenant has now is over. A meeting that is booked while it runs may be brought by it or
 * by the delivery; one that is booked later is brought by the delivery.
 */
export async function waitForBackfill(
  { api, database }: Pick<TestService, 'api'> & { database: Pick<TestService['database'], 'db'> },
  tenantId: string,
): Promise<void> {
  const { account } = (await api('GET', connectionPath(tenantId))).body;
  await waitFor(
    async () => {
      const latest = await database.db
        .selectFrom('backfill')
        .innerJoin('oauth_grant', 'oauth_grant.id', 'backfill.grant_id')
        .select(['backfill.finished_at', 'oauth_grant.account_uri'])
        .where('backfill.tenant_id', '=', tenantId)
        .orderBy('backfill.run', 'desc')
        .executeTakeFirst();
      return latest?.account_uri === account.uri && latest?.finished_at !== null;
    },
    { describe: `the back-fill of ${tenantId} to be over`, timeoutMs: 15_000 },
  );
}
