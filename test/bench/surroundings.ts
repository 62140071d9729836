import { randomBytes, randomUUID } from 'node:crypto';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startService, type Service } from '../../src/boot/start-service.ts';
import { loadConfig } from '../../src/config/load-config.ts';
import { ensureConnection } from '../../src/connection/dispatch/dispatch.ts';
import { startEmbeddedPostgres } from '../../src/db/embedded-postgres.ts';
import { removeEmbeddedPostgres } from '../../src/db/remove-embedded-postgres.ts';
import { storeGrant } from '../../src/grants/grant-rows.ts';
import { createLogger } from '../../src/logger/create-logger.ts';
import { storeSubscription } from '../support/postgres/store-subscription.ts';
import { freePort } from '../support/service/free-port.ts';
import { startLoad, type LoadProcess } from './start-load.ts';

export const API_KEY = 'bench-api-key-of-16-characters';
const ACCOUNT = 'https://api.calendly.com/users/BENCH';

/** One service on a durable PostgreSQL of its own, as an installation has it, and a process that makes the load. */
export interface Surroundings {
  url: string;
  service: Service;
  load: LoadProcess;
  /** Connected tenants, each with a grant and a webhook. */
  tenants: { tenantId: string; webhook: { url: string; key: string } }[];
  close(): Promise<void>;
}

const TENANTS = 100;

export async function surround(): Promise<Surroundings> {
  const folder = mkdtempSync(join(tmpdir(), 'calendly-reconnect-bench-'));
  const postgres = await startEmbeddedPostgres({ dataDir: folder });
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const environment = {
    PORT: String(port),
    PUBLIC_URL: url,
    CALENDLY_CLIENT_ID: 'bench',
    CALENDLY_CLIENT_SECRET: 'bench-secret',
    CALENDLY_AUTH_BASE_URL: 'http://127.0.0.1:9',
    CALENDLY_API_BASE_URL: 'http://127.0.0.1:9',
    API_KEYS: API_KEY,
    ENCRYPTION_KEYS: `k:${randomBytes(32).toString('base64')}`,
    INSPECTOR_PASSWORD: 'bench-password',
  };
  const config = loadConfig(environment, { dataDir: folder });
  const service = await startService({ config, databaseUrl: postgres.url, log: createLogger({ level: 'silent' }) });
  await service.app.listen({ host: '127.0.0.1', port });
  const tenants = [];
  for (let index = 0; index < TENANTS; index++) tenants.push(await storeTenant(service, url, `tenant-${index}`));
  const load = startLoad();
  return {
    url,
    service,
    load,
    tenants,
    async close() {
      load.stop();
      await service.stop();
      await postgres.stop();
      await removeEmbeddedPostgres(folder);
    },
  };
}

async function storeTenant({ deps }: Service, url: string, tenantId: string): Promise<Surroundings['tenants'][number]> {
  const { db, box, oauth } = deps;
  const now = new Date();
  const grantId = randomUUID();
  await db.transaction().execute(async (trx) => {
    await ensureConnection(trx, deps, tenantId, { kind: 'route', route: 'bench' });
    await trx.updateTable('connection').set({ account_uri: ACCOUNT }).where('tenant_id', '=', tenantId).execute();
    await storeGrant(trx, box, oauth, now, {
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
