import { chmod, mkdir, realpath } from 'node:fs/promises';
import { join } from 'node:path';
import { prepareBinaries } from './embedded/binaries.ts';
import { createCluster, SUPERUSER } from './embedded/create-cluster.ts';
import { takeDataDirLock } from './embedded/data-dir-lock.ts';
import type { EmbeddedPostgresLog } from './embedded/embedded-postgres-log.ts';
import { ensureDatabase } from './embedded/ensure-database.ts';
import { launchServer } from './embedded/launch-server.ts';
import { readOrMakePassword } from './embedded/password-file.ts';
import { chooseServerPlace } from './embedded/server-place.ts';
import { setPassword } from './embedded/set-password.ts';
import { stopLeftover } from './embedded/stop-leftover.ts';

export type EmbeddedPostgresOptions = {
  dataDir: string;
  database?: string;
  log?: EmbeddedPostgresLog;
  /** false: for tests only. The data are lost if the machine crashes. */
  durable?: boolean;
  /** Called if the server ends although nobody stopped it. */
  onLost?: (error: Error) => void;
};

export type EmbeddedPostgres = { url: string; stop(): Promise<void> };

const SILENT: EmbeddedPostgresLog = { info: () => {}, warn: () => {} };

/**
 * Starts PostgreSQL without installing it, on a free port of 127.0.0.1, with a random password. If we are root, it runs as an account
 * without rights. It has a session of its own, so that Ctrl-C does not reach it before our last data are stored.
 */
export async function startEmbeddedPostgres(options: EmbeddedPostgresOptions): Promise<EmbeddedPostgres> {
  const { database = 'calendly_reconnect', log = SILENT, durable = true } = options;
  const dataDir = await makeDataDir(options.dataDir);
  const lock = await takeDataDirLock(dataDir);
  try {
    const place = await chooseServerPlace(dataDir, log);
    const binaries = await prepareBinaries(place.directory, place.account);
    await stopLeftover(join(place.directory, 'cluster'), log);
    const { password, isNew } = await readOrMakePassword(join(dataDir, 'password'));
    const cluster = await createCluster({ place, binaries, password, durable });
    if (cluster === 'existing' && isNew) await setPassword(place, binaries, password);
    const server = await launchServer({ place, binaries, logFile: join(dataDir, 'server.log'), durable });

    let stopping: Promise<void> | undefined;
    const stop = async () => {
      const took = await server.stop().finally(() => lock.release());
      if (took && took !== 'SIGINT') log.warn(`PostgreSQL did not stop on its own: it took ${took}`);
    };
    void server.exited.then(() => {
      if (!stopping) options.onLost?.(new Error(`PostgreSQL ended unexpectedly. Read ${join(dataDir, 'server.log')}`));
    });
    const urlOf = (name: string) => `postgres://${SUPERUSER}:${password}@127.0.0.1:${server.port}/${name}`;
    try {
      await ensureDatabase(urlOf('postgres'), database);
    } catch (error) {
      stopping = stop();
      await stopping;
      throw error;
    }
    return { url: urlOf(database), stop: () => (stopping ??= stop()) };
  } catch (error) {
    lock.release();
    throw error;
  }
}

async function makeDataDir(path: string): Promise<string> {
  try {
    await mkdir(path, { recursive: true, mode: 0o711 });
    if (process.getuid?.() !== 0) await chmod(path, 0o700);
  } catch (error) {
    throw new Error(
      `The data directory ${path} cannot be created or belongs to another user: ${(error as Error).message}`,
      {
        cause: error,
      },
    );
  }
  return await realpath(path);
}
