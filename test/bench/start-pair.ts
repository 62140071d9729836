import { execFile } from 'node:child_process';
import { appendFile, mkdtemp, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import pg from 'pg';
import { startEmbeddedPostgres } from '../../src/db/embedded-postgres.ts';
import { removeEmbeddedPostgres } from '../../src/db/remove-embedded-postgres.ts';
import { waitFor } from '../support/service/wait-for.ts';
import { startProxy } from './start-proxy.ts';

/** A primary whose commits wait for its standby, and an address that leads to whichever of both serves. */
export interface Pair {
  url: string;
  /** Kills the primary with all that it has not sent, makes the standby the primary, and leads there. */
  failOver(): Promise<void>;
  close(): Promise<void>;
}

export async function startPair(): Promise<Pair> {
  const folders = await Promise.all([1, 2].map(() => mkdtemp(join(tmpdir(), 'calendly-reconnect-pair-'))));
  const [ofPrimary, ofStandby] = folders as [string, string];
  const first = await startEmbeddedPostgres({ dataDir: ofPrimary });
  await first.stop();
  await copyAsStandby(ofPrimary, ofStandby);
  const primary = await startEmbeddedPostgres({ dataDir: ofPrimary });
  await appendFile(
    join(ofStandby, 'cluster/postgresql.auto.conf'),
    `primary_conninfo = '${primary.url.replace(/\/[^/]*$/, '/postgres')}'\n`,
  );
  const standby = await startEmbeddedPostgres({ dataDir: ofStandby });
  await ask(primary.url, `alter system set synchronous_standby_names = '*'`);
  await ask(primary.url, 'select pg_reload_conf()');
  await waitFor(
    async () => (await ask(primary.url, `select 1 from pg_stat_replication where sync_state = 'sync'`)).length > 0,
    { describe: 'the standby to follow', timeoutMs: 30_000 },
  );
  const ports = [Number(new URL(primary.url).port)];
  const way = await startProxy(ports, 0);
  const url = new URL(primary.url);
  url.port = new URL(way.url).port;
  return {
    url: url.href,
    async failOver() {
      const pid = Number((await readFile(join(ofPrimary, 'cluster/postmaster.pid'), 'utf8')).split('\n')[0]);
      process.kill(pid, 'SIGKILL');
      await ask(standby.url, 'select pg_promote()');
      ports[0] = Number(new URL(standby.url).port);
    },
    async close() {
      way.close();
      await primary.stop();
      await standby.stop();
      for (const folder of folders) await removeEmbeddedPostgres(folder);
    },
  };
}

/** With its owner and its password. */
async function copyAsStandby(from: string, to: string): Promise<void> {
  const copy = promisify(execFile);
  await copy('cp', ['-a', join(from, 'cluster'), join(from, 'password'), to]);
  await writeFile(join(to, 'cluster/standby.signal'), '');
}

async function ask(url: string, statement: string): Promise<unknown[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query(statement)).rows;
  } finally {
    await client.end();
  }
}
