import { randomBytes } from 'node:crypto';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import type { Finding } from '../../../src/program/doctor/finding.ts';
import { takeDataDirLock } from '../../../src/db/embedded/data-dir-lock.ts';
import { startSandbox } from '../../../src/sandbox/index.ts';
import { createTestDatabase } from '../../support/postgres/test-database.ts';
import { freePort } from '../../support/service/free-port.ts';
import { runProgram } from '../../support/service/run-program.ts';
import { CLIENT, testServiceEnvironment } from '../../support/service/start-test-service.ts';

async function run(args: string[], env: Record<string, string> = {}) {
  const program = runProgram('src/main.ts', args, { env });
  const code = await program.ended;
  return { code, stdout: program.stdout(), stderr: program.stderr() };
}

async function folder(): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), 'program-'));
  onTestFinished(() => rm(path, { recursive: true }));
  return path;
}

test('wrong use is told in a line or two, with the command that was meant', async () => {
  expect(await run(['tenant'])).toMatchObject({
    code: 64,
    stdout: '',
    stderr: expect.stringContaining('(Did you mean tenants?)'),
  });
});

test('migrate brings a new database up to date, and says what it did', async () => {
  const database = await createTestDatabase({ template: 'template0' });
  onTestFinished(() => database.close());
  const env = { DATABASE_URL: database.url };
  const first = await run(['migrate'], env);
  expect(first.stdout, first.stderr).toMatch(/^0001_connections\n/);
  expect(await run(['migrate', '--json'], env)).toMatchObject({ code: 0, stdout: '{\n "applied": []\n}\n' });
  const none = await run(['tenants', '--json'], env);
  expect(none).toMatchObject({ code: 0, stdout: '[]\n' });
});

test('doctor finds a wrong secret, a database without migrations and a private address, changes nothing, and says what to do', async () => {
  const calendly = await startSandbox(CLIENT);
  onTestFinished(() => calendly.close());
  const database = await createTestDatabase({ template: 'template0' });
  onTestFinished(() => database.close());
  const port = await freePort();
  const env = {
    ...testServiceEnvironment({ publicUrl: `http://127.0.0.1:${port}`, port, calendlyUrl: calendly.url }),
    DATABASE_URL: database.url,
  };
  const found = async (more: Record<string, string> = {}) => {
    const { stdout, stderr, code } = await run(['doctor', '--json'], { ...env, ...more });
    expect(stderr).toBe('');
    const findings = JSON.parse(stdout) as Finding[];
    return { code, of: (about: string) => findings.find((finding) => finding.about === about) };
  };
  const good = await found();
  expect(good.code).toBe(0);
  expect(good.of('Calendly')).toMatchObject({ verdict: 'well' });
  expect(good.of('Clock')).toMatchObject({ verdict: 'well' });
  expect(good.of('PUBLIC_URL')).toMatchObject({
    verdict: 'warning',
    says: expect.stringContaining('Only this machine can reach'),
  });
  expect(good.of('Migrations')).toMatchObject({
    verdict: 'warning',
    says: expect.stringContaining('beginning with 0001_connections'),
  });

  const bad = await found({ CALENDLY_CLIENT_SECRET: 'another', DATABASE_URL: 'postgres://127.0.0.1:1/x' });
  expect(bad.code).toBe(1);
  expect(bad.of('Calendly')).toMatchObject({
    verdict: 'broken',
    advice: expect.stringContaining('CALENDLY_CLIENT_SECRET'),
  });
  expect(bad.of('Database')).toMatchObject({ verdict: 'broken', says: expect.stringContaining('ECONNREFUSED') });
  expect(calendly.controls.tokens('alice')).toMatchObject({ liveAccessTokens: 0, liveRefreshTokens: 0 });

  const dataDir = await folder();
  const text = await run(['doctor'], {
    DATA_DIR: dataDir,
    HOST: '0.0.0.0',
    ENCRYPTION_KEYS: `k:${randomBytes(4).toString('hex')}`,
  });
  expect(text.stdout).toMatch(/✕ Configuration {2}MODE is unset.*\n +→ See docs/);
  expect(existsSync(join(dataDir, 'secrets.json'))).toBe(false);
});

test('a port in use: the way out keeps what was given', async () => {
  const [port, sandboxPort] = [await freePort(), await freePort()];
  const other = createServer().listen(port, '127.0.0.1');
  await once(other, 'listening');
  const dataDir = await folder();
  const env = { PORT: String(port), SANDBOX_PORT: String(sandboxPort), DATA_DIR: dataDir };
  const { stderr, stdout, code } = await run([], env);
  expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
  expect(stderr).toContain(
    `choose another port: DATA_DIR=${dataDir} SANDBOX_PORT=${sandboxPort} PORT=${port + 100} npm start\n`,
  );
  other.close();
  await once(other, 'close');
});

test('a data folder, and a state of the sandbox, are used by one at a time: one line, no stack', async () => {
  const dataDir = await folder();
  await mkdir(join(dataDir, 'postgres'));
  const lock = await takeDataDirLock(join(dataDir, 'postgres'));
  onTestFinished(() => lock.release());
  const ports = { PORT: String(await freePort()), SANDBOX_PORT: String(await freePort()) };
  const served = await run([], { ...ports, DATA_DIR: dataDir });
  expect(served.stderr).toMatch(/^\S+ is already in use by pid \d+: one service per data directory\. .*\n$/);
  expect(served).toMatchObject({ code: 1, stdout: '' });

  const sandbox = await startSandbox({ ...CLIENT, stateFile: join(dataDir, 'sandbox.json') });
  onTestFinished(() => sandbox.close());
  const started = await run(['sandbox'], { SANDBOX_PORT: '0', SANDBOX_STATE_FILE: join(dataDir, 'sandbox.json') });
  expect(started.stderr).toMatch(/^The sandbox cannot start: \S+ is in use by another sandbox: .*\n$/);
  expect(started.code).toBe(1);
});
