import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { hostProject, run, tool, type HostProject } from './host-project.ts';
import { createTestDatabase } from '../support/postgres/test-database.ts';
import { freePort } from '../support/service/free-port.ts';
import { testServiceEnvironment } from '../support/service/start-test-service.ts';

const MOST_MEGABYTES = 70;
const tarball = inject('tarball');
let project: HostProject;
let host: string;

beforeAll(async () => {
  project = await hostProject();
  host = project.folder;
});
afterAll(() => project.remove());

const inHost = async (name: string, code: string, env: Record<string, string> = {}) => {
  await writeFile(join(host, name), code);
  return run(process.execPath, [name], { cwd: host, env: { PATH: process.env['PATH'] ?? '', ...env } });
};

describe('what is in the package', () => {
  test('publint and are-the-types-wrong have nothing to say', async () => {
    await run(tool('publint'), ['run', '--strict', tarball]);
    await run(tool('attw'), [tarball, '--profile', 'esm-only', '--no-color']);
  });

  test('every entry can be imported, and gives what it promises', async () => {
    const { stdout } = await inHost(
      'entries.js',
      `import * as main from 'calendly-reconnect';
     import * as client from 'calendly-reconnect/client';
     import * as events from 'calendly-reconnect/events';
     import * as machine from 'calendly-reconnect/machine';
     import { startSandbox } from 'calendly-reconnect/sandbox';
     const sandbox = await startSandbox({ clientId: 'a', clientSecret: 'b' });
     const { status } = await fetch(sandbox.url + '/users/me');
     await sandbox.close();
     console.log(JSON.stringify([Object.keys(main), Object.keys(client), Object.keys(events), typeof machine.connectionMachine, status]));`,
    );
    expect(JSON.parse(stdout)).toEqual([
      ['ConfigurationError', 'calendlyReconnect', 'createLogger', 'loadConfig', 'startService'],
      ['ReconnectError', 'createClient', 'eachItem', 'streamEvents'],
      ['EventRefused', 'verifyEvent'],
      'object',
      401,
    ]);
  });

  test('its types compile in a strict project', async () => {
    await writeFile(
      join(host, 'types.ts'),
      `import { calendlyReconnect, loadConfig, startService } from 'calendly-reconnect';
     import { createClient, eachItem, ReconnectError, type ConnectionState } from 'calendly-reconnect/client';
     import { verifyEvent, type ReconnectEvent } from 'calendly-reconnect/events';
     import { connectionMachine } from 'calendly-reconnect/machine';
     import { startSandbox } from 'calendly-reconnect/sandbox';
     export const all = [calendlyReconnect, loadConfig, startService, verifyEvent, connectionMachine, startSandbox];
     export function tell(event: ReconnectEvent): string | undefined {
       switch (event.type) {
         case 'meeting.rescheduled': return event.data.previous.startTime ?? undefined;
         case 'meeting.updated': return event.data.previous.name ?? event.data.name ?? undefined;
         case 'meeting.created': case 'meeting.canceled': case 'meeting.no_show': return event.data.inviteeUri;
         case 'connection.account_changed': return event.data.previousAccount.uri;
         case 'connection.state_changed': return event.data.previous.state;
         case 'connection.warning': return event.data.code;
       }
       // Every type has its case.
       return event satisfies never;
     }
     export async function stateOf(tenantId: string): Promise<ConnectionState | null> {
       const client = createClient({ url: 'http://127.0.0.1:3000', apiKey: 'a key' });
       for await (const { name } of eachItem(client.listMeetings, { tenantId, status: 'active' })) name satisfies string | null;
       for await (const { state } of eachItem(client.listTenants, {})) state satisfies ConnectionState;
       try {
         return (await client.getConnection({ tenantId })).state;
       } catch (error) {
         if (error instanceof ReconnectError && error.code === 'tenant_unknown') return null;
         throw error;
       }
     }
     // @ts-expect-error: there is no such state
     export const away: ConnectionState = 'away';
     // @ts-expect-error: no event has this type
     export const wrong: ReconnectEvent['type'] = 'meeting.moved';`,
    );
    await project.compile('types.ts');
  });

  test('the production tree is small, and runs no install script', async () => {
    const { stdout } = await run('du', ['-sm', 'node_modules'], { cwd: host });
    expect(Number(stdout.split('\t')[0])).toBeLessThan(MOST_MEGABYTES);
    const lock = JSON.parse(await readFile(join(host, 'package-lock.json'), 'utf8')) as {
      packages: Record<string, { hasInstallScript?: boolean }>;
    };
    expect(Object.entries(lock.packages).filter(([, { hasInstallScript }]) => hasInstallScript)).toEqual([]);
  });
});

describe('the installed program', () => {
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
});
