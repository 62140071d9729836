import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createTestDatabase } from '../support/postgres/test-database.ts';
import { freePort } from '../support/service/free-port.ts';
import { testServiceEnvironment } from '../support/service/start-test-service.ts';

const PROJECT = fileURLToPath(new URL('../..', import.meta.url));
const MOST_MEGABYTES = 70;
const run = promisify(execFile);
const tool = (name: string) => join(PROJECT, 'node_modules/.bin', name);

let base: string;
let tarball: string;
/** An empty project that has installed the package, as a host does: no development tools, no install scripts. */
let host: string;

beforeAll(async () => {
  base = await mkdtemp(join(tmpdir(), 'calendly-reconnect-package-'));
  const packed = await run('npm', ['pack', '--json', '--pack-destination', base], { cwd: PROJECT });
  tarball = join(
    base,
    (JSON.parse(packed.stdout.slice(packed.stdout.indexOf('['))) as { filename: string }[])[0]!.filename,
  );
  host = join(base, 'host');
  await mkdir(host);
  await writeFile(join(host, 'package.json'), JSON.stringify({ name: 'host', private: true, type: 'module' }));
  await run('npm', ['install', '--ignore-scripts', '--no-audit', '--no-fund', tarball], { cwd: host });
});
afterAll(() => rm(base, { recursive: true, force: true }));

const inHost = async (name: string, code: string, env: Record<string, string> = {}) => {
  await writeFile(join(host, name), code);
  return run(process.execPath, [name], { cwd: host, env: { PATH: process.env['PATH'] ?? '', ...env } });
};

test('publint and are-the-types-wrong have nothing to say', async () => {
  await run(tool('publint'), ['run', '--strict', tarball]);
  await run(tool('attw'), [tarball, '--profile', 'esm-only', '--no-color']);
});

test('every entry can be imported, and gives what it promises', async () => {
  const { stdout } = await inHost(
    'entries.js',
    `import * as main from 'calendly-reconnect';
     import * as events from 'calendly-reconnect/events';
     import * as machine from 'calendly-reconnect/machine';
     import { startSandbox } from 'calendly-reconnect/sandbox';
     const sandbox = await startSandbox({ clientId: 'a', clientSecret: 'b' });
     const { status } = await fetch(sandbox.url + '/users/me');
     await sandbox.close();
     console.log(JSON.stringify([Object.keys(main), Object.keys(events), typeof machine.connectionMachine, status]));`,
  );
  expect(JSON.parse(stdout)).toEqual([
    ['ConfigurationError', 'calendlyReconnect', 'createLogger', 'loadConfig', 'startService'],
    ['EventRefused', 'verifyEvent'],
    'object',
    401,
  ]);
});

test('its types compile in a strict project', async () => {
  await writeFile(
    join(host, 'types.ts'),
    `import { calendlyReconnect, loadConfig, startService } from 'calendly-reconnect';
     import { verifyEvent, type ReconnectEvent } from 'calendly-reconnect/events';
     import { connectionMachine } from 'calendly-reconnect/machine';
     import { startSandbox } from 'calendly-reconnect/sandbox';
     export const all = [calendlyReconnect, loadConfig, startService, verifyEvent, connectionMachine, startSandbox];
     export function tell(event: ReconnectEvent): string | undefined {
       switch (event.type) {
         case 'meeting.rescheduled': return event.previous as never;
         case 'connection.account_changed': return event.data.previousAccount.uri;
         case 'connection.warning': return event.data.code;
         default: return event.id;
       }
     }
     // @ts-expect-error: no event has this type
     export const wrong: ReconnectEvent['type'] = 'meeting.moved';`.replace(
      'event.previous as never',
      'event.data.previous.startTime ?? undefined',
    ),
  );
  const options = {
    strict: true,
    module: 'nodenext',
    target: 'es2024',
    noEmit: true,
    types: ['node'],
    skipLibCheck: true,
  };
  await writeFile(join(host, 'tsconfig.json'), JSON.stringify({ compilerOptions: options, files: ['types.ts'] }));
  await mkdir(join(host, 'node_modules/@types'), { recursive: true });
  const { stdout } = await run(tool('tsc'), ['-p', '.', '--typeRoots', join(PROJECT, 'node_modules/@types')], {
    cwd: host,
  }).catch((error: unknown) => error as { stdout: string });
  expect(stdout).toBe('');
});

test('the production tree is small, and runs no install script', async () => {
  const { stdout } = await run('du', ['-sm', 'node_modules'], { cwd: host });
  expect(Number(stdout.split('\t')[0])).toBeLessThan(MOST_MEGABYTES);
  const lock = JSON.parse(await readFile(join(host, 'package-lock.json'), 'utf8')) as {
    packages: Record<string, { hasInstallScript?: boolean }>;
  };
  expect(Object.entries(lock.packages).filter(([, { hasInstallScript }]) => hasInstallScript)).toEqual([]);
});

test('the installed program serves, migrated, and stops', async () => {
  const database = await createTestDatabase({ template: 'template0' });
  const port = await freePort();
  const env = {
    ...testServiceEnvironment({ publicUrl: `http://127.0.0.1:${port}`, port, calendlyUrl: 'http://127.0.0.1:9' }),
    DATABASE_URL: database.url,
    PATH: process.env['PATH'] ?? '',
  };
  const program = spawn(join(host, 'node_modules/.bin/calendly-reconnect'), ['serve'], { cwd: host, env });
  let said = '';
  for (const stream of [program.stdout, program.stderr])
    stream.on('data', (chunk: Buffer) => (said += chunk.toString()));
  const ended = once(program, 'exit');
  await expect.poll(() => said, { timeout: 60_000 }).toContain('Calendly Reconnect is running');
  for (const path of ['/health/ready', '/inspector/login', '/metrics'])
    expect((await fetch(`http://127.0.0.1:${port}${path}`)).status, path).toBe(200);
  program.kill('SIGTERM');
  expect((await ended)[0], said).toBe(0);
  await database.close();
});
