import { randomBytes } from 'node:crypto';
import { createServer } from 'node:http';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { checkInstallation } from '../../../src/connection/dispatch/check-installation.ts';
import { openDatabase } from '../../../src/db/database.ts';
import { migrateToLatest } from '../../../src/db/migrate.ts';
import { freePort } from '../../support/service/free-port.ts';
import { runProgram } from '../../support/service/run-program.ts';
import { createTestDatabase } from '../../support/postgres/test-database.ts';
import { waitFor } from '../../support/service/wait-for.ts';

const RUNNING = 'Calendly Reconnect is running';

async function environment(): Promise<Record<string, string> & { PORT: string }> {
  const port = String(await freePort());
  const calendly = `http://127.0.0.1:${await freePort()}`;
  const database = await createTestDatabase();
  return {
    PORT: port,
    PUBLIC_URL: `http://127.0.0.1:${port}`,
    DATABASE_URL: database.url,
    CALENDLY_CLIENT_ID: 'start-client',
    CALENDLY_CLIENT_SECRET: 'start-secret',
    CALENDLY_AUTH_BASE_URL: calendly,
    CALENDLY_API_BASE_URL: calendly,
    ENCRYPTION_KEYS: `k1:${randomBytes(32).toString('base64')}`,
    API_KEYS: 'start-api-key-value',
    INSPECTOR_PASSWORD: 'start-password',
  };
}

describe('start and stop', () => {
  test('it says where to look, and Ctrl-C ends it without a complaint', async () => {
    const env = await environment();
    const program = runProgram('src/main.ts', [], { env });
    await waitFor(() => program.stderr().includes(RUNNING), { timeoutMs: 15_000 });
    expect(program.stderr()).toContain(`http://127.0.0.1:${env.PORT}/inspector`);
    // The real Calendly is meant: no secret is printed, and no demo page promised.
    expect(program.stderr()).not.toMatch(/start-api-key|start-password|Demo/);
    program.signal('SIGINT');
    expect(await program.ended).toBe(0);
    for (const line of program.stdout().trim().split('\n')) expect(JSON.parse(line)).toHaveProperty('level', 'info');
  });

  test('a port that is in use is said in one sentence, with the way out', async () => {
    const env = await environment();
    const other = createServer().listen(Number(env.PORT), '127.0.0.1');
    await once(other, 'listening');
    const program = runProgram('src/main.ts', [], { env });
    expect(await program.ended).toBe(1);
    expect(program.stderr()).toMatch(/^Port \d+ is in use by another program.*PORT=\d+ npm start\n$/);
    expect(program.stdout()).toBe('');
    other.close();
    await once(other, 'close');
  });

  test('Ctrl-C while it starts ends it as well', async () => {
    const program = runProgram('src/main.ts', [], { env: { ...(await environment()), LOG_LEVEL: 'debug' } });
    await waitFor(() => program.stdout().length > 0, { timeoutMs: 15_000, describe: 'the first line of the log' });
    program.signal('SIGINT');
    expect(await program.ended).toBe(0);
  });
});

describe('a database of another installation', () => {
  test('a database that was written under another address is shown, not used, and the way out is said', async () => {
    const first = await environment();
    const port = String(await freePort());
    const second = { ...first, PORT: port, PUBLIC_URL: `http://127.0.0.1:${port}` };
    for (const [env, said] of [
      [first, RUNNING],
      [second, `ADOPT_INSTALLATION=${second.PUBLIC_URL} npm start`],
    ] as const) {
      const program = runProgram('src/main.ts', [], { env });
      await waitFor(() => program.stderr().includes(said), { timeoutMs: 15_000, describe: said });
      program.signal('SIGINT');
      expect(await program.ended).toBe(0);
    }
  });

  test('a sandbox is not opened on a database of a service with the real Calendly', async () => {
    const env = await environment();
    const { db, close } = openDatabase({ url: env['DATABASE_URL']! });
    await migrateToLatest(db);
    const real = { publicUrl: 'https://meetings.example.com', clientId: 'c', apiBaseUrl: 'https://api.calendly.com' };
    await checkInstallation(db, real, null, new Date());
    await close();
    const dataDir = await mkdtemp(join(tmpdir(), 'data-'));
    const { PORT, DATABASE_URL = '' } = env;
    const sandbox = { MODE: 'sandbox', SANDBOX_PORT: String(await freePort()), DATA_DIR: dataDir, PORT, DATABASE_URL };
    const program = runProgram('src/main.ts', [], { env: sandbox });
    expect(await program.ended).toBe(78);
    expect(program.stderr()).toMatch(
      /^The configuration is refused: MODE is sandbox, but the database belongs to .*\n$/,
    );
    expect(program.stdout()).not.toMatch(/"stack"/);
    await rm(dataDir, { recursive: true });
  });
});

describe('a wrong configuration', () => {
  test('every fault of the configuration is told at once', async () => {
    const program = runProgram('src/main.ts', [], { env: { PORT: 'many', CALENDLY_CLIENT_ID: 'half-configured' } });
    expect(await program.ended).toBe(78);
    for (const name of ['PORT', 'CALENDLY_CLIENT_SECRET', 'PUBLIC_URL', 'ENCRYPTION_KEYS', 'API_KEYS'])
      expect(program.stderr()).toContain(name);
  });
});
