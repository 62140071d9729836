import { chown, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Binaries } from './binaries.ts';
import { runProgram } from './run-program.ts';
import type { ServerPlace } from './server-place.ts';

export const SUPERUSER = 'calendly_reconnect';

/** Makes the cluster, or checks that the existing one is of our major version. A cluster that was not completed is made again. */
export async function createCluster({
  place,
  binaries,
  password,
  durable,
}: {
  place: ServerPlace;
  binaries: Binaries;
  password: string;
  durable: boolean;
}): Promise<'created' | 'existing'> {
  const cluster = join(place.directory, 'cluster');
  const version = (await readFile(join(cluster, 'PG_VERSION'), 'utf8').catch(() => undefined))?.trim();
  if (version === binaries.major) return 'existing';
  if (version !== undefined) {
    throw new Error(
      `The data in ${cluster} belong to PostgreSQL ${version}, but this release has PostgreSQL ${binaries.major}. ` +
        `Dump them with PostgreSQL ${version} (pg_dump), move the folder away, start the service, and restore the dump. Or run PostgreSQL ${version} yourself and set DATABASE_URL.`,
    );
  }
  // initdb works beside the final name, so a crash in the middle never leaves something that looks like a cluster.
  const unfinished = `${cluster}.unfinished`;
  const passwordFile = `${cluster}.password`;
  await rm(unfinished, { recursive: true, force: true });
  await rm(passwordFile, { force: true });
  await mkdir(unfinished, { mode: 0o700 });
  await writeFile(passwordFile, password, { mode: 0o600 });
  try {
    if (place.account) {
      for (const path of [unfinished, passwordFile]) await chown(path, place.account.uid, place.account.gid);
    }
    const initdb = await runProgram(
      binaries.program('initdb'),
      [
        ...['--pgdata', unfinished, '--username', SUPERUSER, '--pwfile', passwordFile, '--auth', 'scram-sha-256'],
        // PostgreSQL's own locale sorts the same on every machine, whatever locales the machine has.
        ...['--encoding', 'UTF8', '--locale', 'C', '--locale-provider', 'builtin', '--builtin-locale', 'C.UTF-8'],
        ...['--no-instructions', ...(durable ? [] : ['--no-sync'])],
      ],
      { account: place.account },
    );
    if (!initdb.ok) throw new Error(`initdb could not create ${cluster}: ${initdb.output}`);
    await rename(unfinished, cluster);
    return 'created';
  } finally {
    await rm(passwordFile, { force: true });
  }
}
