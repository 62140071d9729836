import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from '../service/free-port.ts';

/** Debian's, which `.ci/run` installs. */
const PROGRAM = '/usr/sbin/pgbouncer';

/** A PgBouncer in transaction mode before this database, as hosted databases are handed out. Few server connections, so that they are shared. */
export async function startPgbouncer(url: string): Promise<{ url: string; stop(): Promise<void> }> {
  const { hostname, port, username, password, pathname } = new URL(url);
  const home = await mkdtemp(join(tmpdir(), 'pgbouncer-'));
  const pooledPort = await freePort();
  const name = pathname.slice(1);
  await writeFile(join(home, 'users.txt'), `"${username}" "${decodeURIComponent(password)}"\n`);
  await writeFile(
    join(home, 'pgbouncer.ini'),
    `[databases]
${name} = host=${hostname} port=${port} dbname=${name} user=${username} password=${decodeURIComponent(password)}
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = ${pooledPort}
unix_socket_dir =
auth_type = plain
auth_file = ${join(home, 'users.txt')}
pool_mode = transaction
default_pool_size = 4
max_client_conn = 200
server_reset_query_always = 0
`,
  );
  await chmod(home, 0o755);
  // It refuses to run as root.
  const account = process.getuid?.() === 0 ? { uid: 65_534, gid: 65_534 } : {};
  const program = spawn(PROGRAM, [join(home, 'pgbouncer.ini')], {
    ...account,
    cwd: home,
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let said = '';
  await new Promise<void>((resolve, reject) => {
    program.stderr.on('data', (text: Buffer) => {
      said += text.toString();
      if (/process up/.test(said)) resolve();
    });
    program.once('exit', () => reject(new Error(`PgBouncer did not start: ${said}`)));
    program.once('error', reject);
  });
  const pooled = new URL(url);
  pooled.port = String(pooledPort);
  return {
    url: pooled.href,
    async stop() {
      const ended = once(program, 'exit');
      program.kill('SIGINT');
      await ended;
      await rm(home, { recursive: true, force: true });
    },
  };
}
