import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startService, type Service } from '../../src/boot/start-service.ts';
import { loadConfig } from '../../src/config/load-config.ts';
import { startEmbeddedPostgres } from '../../src/db/embedded-postgres.ts';
import { removeEmbeddedPostgres } from '../../src/db/remove-embedded-postgres.ts';
import { createLogger } from '../../src/logger/create-logger.ts';
import { freePort } from '../support/service/free-port.ts';
import { benchEnvironment } from './bench-environment.ts';
import { startLoad, type LoadProcess } from './start-load.ts';
import { storeTenants, type BenchTenant } from './store-tenant.ts';

/** One service on a durable PostgreSQL of its own, as an installation has it, and a process that makes the load. */
export interface Surroundings {
  url: string;
  service: Service;
  load: LoadProcess;
  tenants: BenchTenant[];
  close(): Promise<void>;
}

const TENANTS = 100;

export async function surround(): Promise<Surroundings> {
  const folder = mkdtempSync(join(tmpdir(), 'calendly-reconnect-bench-'));
  const postgres = await startEmbeddedPostgres({ dataDir: folder });
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const config = loadConfig({ ...benchEnvironment(url), PORT: String(port) }, { dataDir: folder });
  const service = await startService({ config, databaseUrl: postgres.url, log: createLogger({ level: 'silent' }) });
  await service.app.listen({ host: '127.0.0.1', port });
  const tenants = await storeTenants(service.deps, url, TENANTS);
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
