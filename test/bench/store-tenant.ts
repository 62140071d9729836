import { randomBytes, randomUUID } from 'node:crypto';
import { ensureConnection } from '../../src/connection/dispatch/dispatch.ts';
import type { DispatchDeps } from '../../src/connection/dispatch/dispatch-deps.ts';
import type { Database } from '../../src/db/database.ts';
import type { CalendlyClient } from '../../src/calendly/client.ts';
import { storeGrant } from '../../src/grants/grant-rows.ts';
import type { SealedBox } from '../../src/grants/sealed-box.ts';
import type { Kysely } from 'kysely';
import { storeSubscription } from '../support/postgres/store-subscription.ts';

const ACCOUNT = 'https://api.calendly.com/users/BENCH';

/** A tenant with a grant that is good for hours, and a webhook. */
export interface BenchTenant {
  tenantId: string;
  webhook: { url: string; key: string };
}

export interface StoringDeps extends Pick<DispatchDeps, 'now'> {
  db: Kysely<Database>;
  box: SealedBox;
  clients: readonly CalendlyClient[];
}

export async function storeTenants(deps: StoringDeps, url: string, count: number): Promise<BenchTenant[]> {
  const tenants = [];
  for (let index = 0; index < count; index++) tenants.push(await storeTenant(deps, url, `tenant-${index}`));
  return tenants;
}

async function storeTenant(deps: StoringDeps, url: string, tenantId: string): Promise<BenchTenant> {
  const { db, box, clients } = deps;
  const now = new Date();
  const grantId = randomUUID();
  await db.transaction().execute(async (trx) => {
    await ensureConnection(trx, deps, tenantId, { kind: 'route', route: 'bench' });
    await trx.updateTable('connection').set({ account_uri: ACCOUNT }).where('tenant_id', '=', tenantId).execute();
    await storeGrant(trx, box, clients[0]!, now, {
      id: grantId,
      tenantId,
      accountUri: ACCOUNT,
      organizationUri: null,
      tokens: {
        accessToken: randomBytes(40).toString('hex'),
        refreshToken: randomBytes(40).toString('hex'),
        scope: '',
        expiresAt: new Date(now.getTime() + 7_200_000),
      },
    });
    await trx.updateTable('oauth_grant').set({ status: 'current' }).where('id', '=', grantId).execute();
  });
  const { id, signingKey } = await storeSubscription(db, box, { tenantId, accountUri: ACCOUNT });
  return { tenantId, webhook: { url: `${url}/webhooks/calendly/${id}`, key: signingKey } };
}
