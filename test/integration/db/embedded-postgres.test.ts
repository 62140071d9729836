import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, cp, mkdtemp, readFile, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type EmbeddedPostgres, startEmbeddedPostgres } from '../../../src/db/embedded-postgres.ts';
import { removeEmbeddedPostgres } from '../../../src/db/remove-embedded-postgres.ts';
import { startChild } from '../../support/service/start-child.ts';
import { waitFor } from '../../support/service/wait-for.ts';

const CHILD = fileURLToPath(new URL('../../support/postgres/embedded-postgres-child.ts', import.meta.url));

let dataDir: string;
const others: string[] = [];

beforeAll(async () => {
  dataDir = await newDirectory();
  await withPostgres((query) => query(`create table saved (what text); insert into saved values ('first')`));
});
afterAll(async () => {
  for (const directory of [dataDir, ...others]) await removeEmbeddedPostgres(directory);
});

describe('start and stop', () => {
  test('data are there again after a restart', async () => {
    expect(await savedThings()).toContain('first');
  });

  test.runIf(process.getuid?.() === 0)(
    'as root, the server runs as an unprivileged account, whose data others cannot read',
    async () => {
      const cluster = await stat(join(dataDir, 'cluster'));
      expect([cluster.mode & 0o777, cluster.uid === 0]).toEqual([0o700, false]);
    },
  );

  test('stop() can be called twice, and leaves nothing running', async () => {
    const postgres = await start();
    await Promise.all([postgres.stop(), postgres.stop()]);
    await postgres.stop();
    await expect(ask(postgres.url, 'select 1')).rejects.toThrow('ECONNREFUSED');
  });
});

describe('the password', () => {
  test('only who can read the password file gets in, and only on this machine', async () => {
    await withPostgres(async (query, { url }) => {
      expect((await stat(join(dataDir, 'password'))).mode & 0o777).toBe(0o600);
      await expect(ask(url.replace(/:[^:@]+@/, ':guessed@'), 'select 1')).rejects.toThrow(
        'password authentication failed',
      );
      expect(
        await query(
          `select setting from pg_settings where name in ('listen_addresses', 'unix_socket_directories', 'fsync') order by name`,
        ),
      ).toEqual([{ setting: 'on' }, { setting: '127.0.0.1' }, { setting: '' }]);
    });
  });

  test('a lost password file is made anew', async () => {
    const old = await readFile(join(dataDir, 'password'), 'utf8');
    await writeFile(join(dataDir, 'password'), '');
    expect(await savedThings()).toContain('first');
    expect(await readFile(join(dataDir, 'password'), 'utf8')).not.toBe(old);
  });
});

describe('a data directory in use, and processes that die', () => {
  test('a second start on the same data is refused, and does not disturb the first', async () => {
    const attempts = await Promise.allSettled([start(), start(), start()]);
    const [winner, ...more] = attempts
      .filter((attempt) => attempt.status === 'fulfilled')
      .map((attempt) => attempt.value);
    expect(more).toEqual([]);
    await expect(start()).rejects.toThrow(`already in use by pid ${process.pid}`);
    const child = startChild(CHILD, [dataDir]);
    expect(await child.says('error')).toContain(`already in use by pid ${process.pid}`);
    expect(await ask(winner!.url, 'select 1 as one')).toEqual([{ one: 1 }]);
    await winner!.stop();
  });

  test('after kill -9 of the service its server is stopped and the data are used again; the server of other data is left alone', async () => {
    others.push(await newDirectory());
    const [killed, other] = [startChild(CHILD, [dataDir]), startChild(CHILD, [others[0]!])];
    const [killedUrl, otherUrl] = [await killed.says('url'), await other.says('url')];
    await killed.end('SIGKILL');
    expect(await ask(killedUrl, 'select 1 as one'), 'the leftover runs on').toEqual([{ one: 1 }]);

    const warnings: string[] = [];
    const postgres = await start({ log: { info: () => {}, warn: (message) => warnings.push(message) } });
    expect(warnings).toEqual([expect.stringContaining('of an earlier run still runs')]);
    await expect(ask(killedUrl, 'select 1')).rejects.toThrow('ECONNREFUSED');
    expect(await ask(postgres.url, 'select what from saved')).toContainEqual({ what: 'first' });
    await postgres.stop();

    expect(await ask(otherUrl, 'select 1 as one')).toEqual([{ one: 1 }]);
    await other.end('SIGINT');
  });

  test('Ctrl-C reaches the service, not its database: the last save still gets in', async () => {
    const child = startChild(CHILD, [dataDir]);
    await child.says('url');
    await child.end('SIGINT');
    expect(await child.says('stopped')).toBe(true);
    expect(await savedThings()).toContain('after SIGINT');
  });

  test('a process that was given the id of a dead server is left alone', async () => {
    const stranger = spawn('sleep', ['60']);
    try {
      await writeFile(
        join(dataDir, 'cluster', 'postmaster.pid'),
        `${stranger.pid}\n${dataDir}/cluster\n1700000000\n5432\n\n127.0.0.1\n  1 1\nready   \n`,
      );
      if (process.getuid?.() === 0) await chmod(join(dataDir, 'cluster', 'postmaster.pid'), 0o644);
      expect(await savedThings()).toContain('first');
      expect(stranger.exitCode ?? stranger.signalCode).toBeNull();
    } finally {
      stranger.kill();
      await once(stranger, 'exit');
    }
  });

  test('a server that dies by itself is reported, and committed data are there at the next start', async () => {
    const lost: Error[] = [];
    const postgres = await start({ onLost: (error) => lost.push(error) });
    await ask(postgres.url, `insert into saved values ('before the crash')`);
    const pid = Number((await readFile(join(dataDir, 'cluster', 'postmaster.pid'), 'utf8')).split('\n')[0]);
    process.kill(pid, 'SIGKILL');
    await waitFor(() => lost.length === 1, { describe: 'the loss to be reported' });
    await postgres.stop();
    expect(await savedThings()).toContain('before the crash');
  });
});

describe('data that cannot be used', () => {
  test('data of another major version are refused with what to do', async () => {
    others.push(await newDirectory());
    await cp(dataDir, others[1]!, { recursive: true });
    await writeFile(join(others[1]!, 'cluster', 'PG_VERSION'), '17\n');
    await expect(startEmbeddedPostgres({ dataDir: others[1]! })).rejects.toThrow(
      /belong to PostgreSQL 17, but this release has PostgreSQL 18.*pg_dump/,
    );
  });

  test('a data directory that cannot be made says so', async () => {
    await expect(startEmbeddedPostgres({ dataDir: '/dev/null/data' })).rejects.toThrow(
      'The data directory /dev/null/data cannot be created',
    );
  });
});

function start(options: Partial<Parameters<typeof startEmbeddedPostgres>[0]> = {}): Promise<EmbeddedPostgres> {
  return startEmbeddedPostgres({ dataDir, ...options });
}

type Query = (sql: string) => Promise<Record<string, unknown>[]>;

async function withPostgres<T>(use: (query: Query, postgres: EmbeddedPostgres) => Promise<T>): Promise<T> {
  const postgres = await start();
  try {
    return await use((sql) => ask(postgres.url, sql), postgres);
  } finally {
    await postgres.stop();
  }
}

async function savedThings(): Promise<unknown[]> {
  return await withPostgres(async (query) => (await query('select what from saved')).map((row) => row['what']));
}

async function ask(url: string, sql: string): Promise<Record<string, unknown>[]> {
  const client = new pg.Client({ connectionString: url });
  client.on('error', () => {});
  await client.connect();
  try {
    return (await client.query(sql)).rows;
  } finally {
    await client.end();
  }
}

async function newDirectory(): Promise<string> {
  return await mkdtemp(join(tmpdir(), 'calendly-reconnect-data-'));
}
