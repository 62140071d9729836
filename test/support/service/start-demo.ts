import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadConfig } from '../../../src/config/load-config.ts';
import { createLogger } from '../../../src/logger/create-logger.ts';
import { start, type Running } from '../../../src/boot/start.ts';
import type { Sandbox } from '../../../src/sandbox/index.ts';
import { freePort } from './free-port.ts';
import { createTestDatabase, type TestDatabase } from '../postgres/test-database.ts';

export interface RunningDemo {
  url: string;
  apiKey: string;
  inspectorPassword: string;
  running: Running;
  sandbox: Sandbox;
  database: TestDatabase;
  logged: string[];
  stop(): Promise<void>;
}

/** What `npm start` starts on a machine without any setting, but for the database: service, sandbox and demo page. */
export async function startDemo({ logLevel = 'info' } = {}): Promise<RunningDemo> {
  const dataDir = await mkdtemp(join(tmpdir(), 'demo-'));
  const database = await createTestDatabase();
  const config = loadConfig(
    {
      MODE: 'sandbox',
      PORT: String(await freePort()),
      SANDBOX_PORT: String(await freePort()),
      DATABASE_URL: database.url,
      LOG_LEVEL: logLevel,
    },
    { dataDir },
  );
  const logged: string[] = [];
  const running = await start({
    config,
    log: createLogger({ level: logLevel }, { write: (line: string) => void logged.push(line) }),
  });
  return {
    url: config.publicUrl,
    apiKey: config.apiKeys[0]!.secret,
    inspectorPassword: config.inspectorPassword,
    running,
    sandbox: running.sandbox!,
    database,
    logged,
    async stop() {
      await running.stop();
      await database.close();
      await rm(dataDir, { recursive: true });
    },
  };
}
