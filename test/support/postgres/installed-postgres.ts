import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, chown, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { freePort } from '../service/free-port.ts';

const run = promisify(execFile);
const USER = 'calendly_reconnect';

export interface InstalledPostgres {
  /** Of the maintenance database. */
  url: string;
  version: string;
  stop(): Promise<void>;
}

/**
 * A server of a PostgreSQL that is installed on this machine (`bin`: the folder with its programs), on data of its own that do not
 * survive. It does not run as root: there, the account `postgres` that comes with Debian's package runs it.
 */
export async function startInstalledPostgres(bin: string): Promise<InstalledPostgres> {
  const account = process.getuid?.() === 0 ? await accountOf('postgres') : null;
  const home = await mkdtemp(join(tmpdir(), 'calendly-reconnect-installed-'));
  await chmod(home, 0o755);
  const data = join(home, 'data');
  const passwordFile = join(home, 'password');
  await writeFile(passwordFile, 'installed');
  if (account !== null) for (const path of [home, passwordFile]) await chown(path, account.uid, account.gid);
  const { stdout: version } = await run(join(bin, 'postgres'), ['--version']);
  await run(
    join(bin, 'initdb'),
    [
      '--pgdata',
      data,
      '--username',
      USER,
      '--pwfile',
      passwordFile,
      '--auth',
      'scram-sha-256',
      '--encoding',
      'UTF8',
      '--locale',
      'C.UTF-8',
      '--no-sync',
    ],
    { ...account, cwd: home },
  );
  const port = await freePort();
  const settings = {
    listen_addresses: '127.0.0.1',
    port: String(port),
    unix_socket_directories: '',
    max_connections: '300',
    timezone: 'UTC',
    fsync: 'off',
    synchronous_commit: 'off',
    full_page_writes: 'off',
  };
  const server = spawn(
    join(bin, 'postgres'),
    ['-D', data, ...Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`])],
    { ...account, cwd: home, stdio: ['ignore', 'ignore', 'pipe'] },
  );
  let said = '';
  await new Promise<void>((resolve, reject) => {
    server.stderr.on('data', (text: Buffer) => {
      said += text.toString();
      if (said.includes('ready to accept connections')) resolve();
    });
    server.once('exit', () => reject(new Error(`PostgreSQL in ${bin} did not start: ${said}`)));
  });
  return {
    url: `postgres://${USER}:installed@127.0.0.1:${port}/postgres`,
    version: version.trim(),
    async stop() {
      const ended = once(server, 'exit');
      server.kill('SIGINT');
      await ended;
      await rm(home, { recursive: true, force: true });
    },
  };
}

async function accountOf(name: string): Promise<{ uid: number; gid: number }> {
  const [uid, gid] = await Promise.all(
    (['-u', '-g'] as const).map(async (flag) => Number((await run('id', [flag, name])).stdout)),
  );
  return { uid: uid!, gid: gid! };
}
