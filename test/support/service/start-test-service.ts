import { randomBytes } from 'node:crypto';
import { loadConfig } from '../../../src/config/load-config.ts';
import { createLogger } from '../../../src/logger/create-logger.ts';
import { startSandbox, type Sandbox, type SandboxOptions } from '../../../src/sandbox/index.ts';
import { startService, type Service } from '../../../src/boot/start-service.ts';
import { freePort } from './free-port.ts';
import { request, type Answer } from './request.ts';
import { createTestDatabase, type TestDatabase } from '../postgres/test-database.ts';

export { request, type Answer };
export const API_KEY = 'test-api-key-of-the-service';
export const CLIENT = { clientId: 'test-client', clientSecret: 'test-client-secret-value' };

export interface TestService {
  url: string;
  service: Service;
  sandbox: Sandbox;
  database: TestDatabase;
  /** Everything that was logged, line by line. */
  logged: string[];
  api(method: string, path: string, options?: { body?: unknown; headers?: Record<string, string> }): Promise<Answer>;
  stop(): Promise<void>;
}

/** The real service on a real database, with the sandbox as its Calendly, on free ports. */
export async function startTestService({
  env = {},
  sandbox: options = {},
  database,
  sharedSandbox,
  now,
  port: wantedPort,
}: {
  env?: Record<string, string>;
  sandbox?: Partial<SandboxOptions>;
  database?: TestDatabase;
  sharedSandbox?: Sandbox;
  now?: () => Date;
  /** The port of an earlier start: the same installation comes back. */
  port?: number;
} = {}): Promise<TestService> {
  const db = database ?? (await createTestDatabase());
  const sandbox = sharedSandbox ?? (await startSandbox({ ...CLIENT, ...options }));
  const port = wantedPort ?? (await freePort());
  const url = `http://127.0.0.1:${port}`;
  const config = loadConfig(
    { ...testServiceEnvironment({ publicUrl: url, port, calendlyUrl: sandbox.url }), ...env },
    { dataDir: '/nonexistent' },
  );
  const logged: string[] = [];
  const log = createLogger({ level: 'debug' }, { write: (line: string) => void logged.push(line) });
  const service = await startService({ config, databaseUrl: db.url, log, ...(now ? { now } : {}) });
  await service.app.listen({ host: '127.0.0.1', port });
  return {
    url,
    service,
    sandbox,
    database: db,
    logged,
    api: (method, path, { body, headers } = {}) =>
      request(`${url}${path}`, method, body, { authorization: `Bearer ${API_KEY}`, ...headers }),
    async stop() {
      await service.stop();
      if (!sharedSandbox) await sandbox.close();
      if (!database) await db.close();
    },
  };
}

/** The configuration of a service whose Calendly is at `calendlyUrl`. */
export function testServiceEnvironment({
  publicUrl,
  port,
  calendlyUrl,
}: {
  publicUrl: string;
  port: number;
  calendlyUrl: string;
}): Record<string, string> {
  return {
    PORT: String(port),
    PUBLIC_URL: publicUrl,
    CALENDLY_CLIENT_ID: CLIENT.clientId,
    CALENDLY_CLIENT_SECRET: CLIENT.clientSecret,
    CALENDLY_AUTH_BASE_URL: calendlyUrl,
    CALENDLY_API_BASE_URL: calendlyUrl,
    ENCRYPTION_KEYS: `k1:${ENCRYPTION_KEY}`,
    API_KEYS: API_KEY,
    INSPECTOR_PASSWORD: 'test-inspector-password',
  };
}

const ENCRYPTION_KEY = randomBytes(32).toString('base64');
