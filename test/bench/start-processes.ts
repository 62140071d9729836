import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Kysely } from 'kysely';
import { loadConfig } from '../../src/config/load-config.ts';
import { openDatabase, type Database } from '../../src/db/database.ts';
import { startEmbeddedPostgres } from '../../src/db/embedded-postgres.ts';
import { migrateToLatest } from '../../src/db/migrate.ts';
import { removeEmbeddedPostgres } from '../../src/db/remove-embedded-postgres.ts';
import { createSealedBox } from '../../src/grants/sealed-box.ts';
import { startServiceChild, type ServiceChild } from '../support/service/start-service-child.ts';
import { benchEnvironment } from './bench-environment.ts';
import type { StoringDeps } from './store-tenant.ts';

/** A durable PostgreSQL, and services as processes of their own, as many as are asked for. */
export interface Processes {
  databaseUrl: string;
  db: Kysely<Database>;
  deps: StoringDeps;
  /** Comes back when it listens. */
  start(port: number): Promise<ServiceChild>;
  close(): Promise<void>;
}

/** On `postgres`, which the caller closes, or on one of its own. */
export async function startProcesses(publicUrl: string, postgres?: { url: string }): Promise<Processes> {
  const folder = mkdtempSync(join(tmpdir(), 'calendly-reconnect-bench-'));
  const own = postgres === undefined ? await startEmbeddedPostgres({ dataDir: folder }) : null;
  const databaseUrl = postgres?.url ?? own!.url;
  const { db, close } = openDatabase({ url: databaseUrl });
  await migrateToLatest(db);
  const env = { ...benchEnvironment(publicUrl), DATABASE_URL: databaseUrl, LOG_LEVEL: 'fatal' };
  const { encryptionKeys, calendly } = loadConfig(env, { dataDir: folder });
  const clients = calendly.clients.map(({ name, apiBaseUrl, ...oauth }) => ({ name, apiBaseUrl, oauth }));
  const children: ServiceChild[] = [];
  return {
    databaseUrl,
    db,
    deps: { db, box: createSealedBox(encryptionKeys), clients, now: () => new Date() },
    async start(port) {
      const child = await startServiceChild({ port, env, offsetMs: 0, logged: [] });
      children.push(child);
      return child;
    },
    async close() {
      await Promise.all(children.filter((child) => child.isAlive()).map((child) => child.terminate()));
      await close();
      await own?.stop();
      await removeEmbeddedPostgres(folder);
    },
  };
}
