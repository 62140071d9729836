import { execFileSync } from 'node:child_process';
import { chmod, chown, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openDatabase } from '../../../src/db/database.ts';
import { startOwnPostgres } from '../../support/postgres/own-postgres.ts';
import { connectTenant } from '../../support/service/connect-tenant.ts';
import { freePort } from '../../support/service/free-port.ts';
import { runProgram } from '../../support/service/run-program.ts';
import { startTestService, testServiceEnvironment } from '../../support/service/start-test-service.ts';
import { waitFor } from '../../support/service/wait-for.ts';

let postgres: Awaited<ReturnType<typeof startOwnPostgres>>;
let folder: string;
const file = (name: string) => join(folder, name);
const openssl = (...args: string[]) => execFileSync('openssl', args, { cwd: folder, stdio: 'pipe' });
const makeCa = (name: string) =>
  openssl(
    'req',
    '-x509',
    '-newkey',
    'ec',
    '-pkeyopt',
    'ec_paramgen_curve:P-256',
    '-nodes',
    '-days',
    '2',
    '-subj',
    `/CN=${name}`,
    '-keyout',
    `${name}.key`,
    '-out',
    `${name}.pem`,
  );

/** The database's URL as a person writes it who was given a CA. */
function urlWith(ca: string, host = '127.0.0.1'): string {
  const url = new URL(postgres.url);
  url.hostname = host;
  url.searchParams.set('sslmode', 'verify-full');
  url.searchParams.set('sslrootcert', file(ca));
  return url.href;
}

beforeAll(async () => {
  postgres = await startOwnPostgres();
  folder = await mkdtemp(join(tmpdir(), 'calendly-reconnect-tls-'));
  makeCa('ca');
  makeCa('other-ca');
  await writeFile(file('names'), 'subjectAltName=IP:127.0.0.1');
  openssl(
    'req',
    '-newkey',
    'ec',
    '-pkeyopt',
    'ec_paramgen_curve:P-256',
    '-nodes',
    '-subj',
    '/CN=database',
    '-keyout',
    'server.key',
    '-out',
    'server.csr',
  );
  openssl(
    'x509',
    '-req',
    '-in',
    'server.csr',
    '-CA',
    'ca.pem',
    '-CAkey',
    'ca.key',
    '-CAcreateserial',
    '-days',
    '2',
    '-extfile',
    'names',
    '-out',
    'server.crt',
  );
  const { rows } = await postgres.pool.query('show data_directory');
  const cluster = rows[0].data_directory as string;
  const owner = await stat(cluster);
  for (const name of ['server.key', 'server.crt']) {
    await writeFile(join(cluster, name), await readFile(file(name)));
    await chown(join(cluster, name), owner.uid, owner.gid);
    await chmod(join(cluster, name), 0o600);
  }
  await postgres.pool.query('alter system set ssl = on');
  await postgres.pool.query('select pg_reload_conf()');
  await waitFor(async () => {
    const { pool, close } = openDatabase({ url: urlWith('ca.pem') });
    try {
      return await pool.query('select 1');
    } finally {
      await close();
    }
  });
});
afterAll(async () => {
  await postgres.end();
  await rm(folder, { recursive: true });
});

async function refused(databaseUrl: string, ...args: string[]): Promise<{ code: number | null; stderr: string }> {
  const port = await freePort();
  const env = testServiceEnvironment({
    publicUrl: `http://127.0.0.1:${port}`,
    port,
    calendlyUrl: 'http://127.0.0.1:9',
  });
  const program = runProgram('src/main.ts', args, { env: { ...env, DATABASE_URL: databaseUrl } });
  const code = await program.ended;
  expect(program.stdout()).toBe('');
  return { code, stderr: program.stderr() };
}

describe('a database behind TLS with a CA of its own', () => {
  test('is used over TLS alone, for queries, for jobs and to listen', async () => {
    const service = await startTestService({ database: { ...postgres, url: urlWith('ca.pem') } });
    await connectTenant(service, 'acme', 'alice');
    const { rows } = await postgres.pool.query(`
      select ssl, count(*)::int as connections, bool_or(application_name = 'calendly-reconnect listen') as listens
      from pg_stat_ssl join pg_stat_activity using (pid) where datname = current_database() and pid <> pg_backend_pid() group by ssl order by ssl`);
    expect(rows.at(-1)).toMatchObject({ ssl: true, listens: true });
    expect(rows.at(-1).connections).toBeGreaterThan(3);
    await service.stop();
  });

  test('is refused in one sentence where its certificate is of another CA, or of another host', async () => {
    const sentence =
      /^The certificate of the database is not signed by a CA that is trusted here\. .*sslrootcert=\/path\/ca\.pem\n$/;
    for (const args of [['serve'], ['tenants']]) {
      const { code, stderr } = await refused(urlWith('other-ca.pem'), ...args);
      expect(stderr).toMatch(sentence);
      expect(code).toBe(1);
    }
    const { stderr } = await refused(urlWith('ca.pem', 'localhost'), 'serve');
    expect(stderr).toMatch(/^The certificate of the database is of another host\. .*\n$/);
  });

  test('is not even tried where the CA cannot be read', async () => {
    const { code, stderr } = await refused(urlWith('missing.pem'), 'serve');
    expect(stderr).toMatch(/^.*DATABASE_URL names a file in sslrootcert that cannot be read \(ENOENT\)\.?\n$/m);
    expect(code).toBe(78);
  });
});
