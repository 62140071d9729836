import { createHash } from 'node:crypto';
import { chmod, chown, mkdtemp, readFile, realpath, rename, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { EmbeddedPostgresLog } from './embedded-postgres-log.ts';
import { runProgram } from './run-program.ts';
import { accountOfOwner, findServerAccount, runsAsRoot, type ServerAccount } from './server-account.ts';

/** The folder of the cluster (`<directory>/cluster`), and the account that the server runs as. */
export type ServerPlace = { directory: string; account: ServerAccount | undefined };

/** /var/lib is meant for lasting data, and only root can write there. /var/tmp is the last resort, because many systems clean it. */
const OUTSIDE_BASES = ['/var/lib', '/var/tmp'];

type Location = { directory: string; origin: string };

/**
 * Chooses a folder inside the data directory. If we are root and the server's account cannot enter that (/root has mode 0700), it chooses a
 * folder outside, with a random name that `location.json` records, so that every later start finds it again.
 */
export async function chooseServerPlace(dataDir: string, log: EmbeddedPostgresLog): Promise<ServerPlace> {
  if (!runsAsRoot()) return { directory: dataDir, account: undefined };
  const recorded = await recordedPlace(dataDir);
  if (recorded) {
    log.info(`the embedded PostgreSQL keeps its data in ${recorded.directory}`);
    return recorded;
  }
  const existing = await stat(join(dataDir, 'cluster')).catch(() => undefined);
  const account = existing ? await accountOfOwner(existing) : await findServerAccount();
  await chmod(dataDir, 0o711); // the cluster in it is 0700 and the account's; all else in here is 0600 and ours
  if (await canEnter(account, dataDir)) return { directory: dataDir, account };
  if (existing) {
    throw new Error(
      `The account ${account.name} owns the data in ${dataDir}, but may not enter that folder any more. Allow it (chmod o+x on the folders above), or set DATABASE_URL.`,
    );
  }
  return await makeOutsidePlace(dataDir, account, log);
}

async function recordedPlace(dataDir: string): Promise<ServerPlace | undefined> {
  const file = join(dataDir, 'location.json');
  const text = await readFile(file, 'utf8').catch(() => undefined);
  if (text === undefined) return undefined;
  const { directory, origin } = JSON.parse(text) as Location;
  const found = await stat(directory).catch(() => undefined);
  if (!found) {
    throw new Error(
      `The embedded PostgreSQL stored its data in ${directory} (see ${file}), but this folder does not exist any more. Restore it, or delete ${file} to start with an empty database.`,
    );
  }
  const [here, there] = await Promise.all([stat(dataDir), stat(origin).catch(() => undefined)]);
  if (there && there.ino !== here.ino) {
    throw new Error(
      `${file} was copied from ${origin} and names the data of that folder. Delete the file to start with an empty database.`,
    );
  }
  if (!there) await record(dataDir, directory); // the folder was moved: its data go with it
  return { directory, account: await accountOfOwner(found) };
}

async function makeOutsidePlace(
  dataDir: string,
  account: ServerAccount,
  log: EmbeddedPostgresLog,
): Promise<ServerPlace> {
  const hash = createHash('sha256')
    .update(await realpath(dataDir))
    .digest('hex')
    .slice(0, 8);
  for (const base of OUTSIDE_BASES) {
    const directory = await mkdtemp(join(base, `calendly-reconnect-${hash}-`)).catch(() => undefined);
    if (!directory) continue;
    await chown(directory, account.uid, account.gid);
    if (!(await canEnter(account, directory))) continue;
    await record(dataDir, directory);
    log.warn(
      `PostgreSQL runs as ${account.name}, who may not enter ${dataDir}. So its data are in ${directory} (back up that folder too)`,
    );
    return { directory, account };
  }
  throw new Error(
    `PostgreSQL runs as ${account.name}, who may not enter ${dataDir}, and no folder in ${OUTSIDE_BASES.join(' or ')} can be created. Move the project to a folder that other users may enter, or set DATABASE_URL.`,
  );
}

async function record(dataDir: string, directory: string): Promise<void> {
  const location: Location = { directory, origin: await realpath(dataDir) };
  const file = join(dataDir, 'location.json');
  await writeFile(`${file}.new`, JSON.stringify(location), { mode: 0o600 });
  await rename(`${file}.new`, file);
}

async function canEnter(account: ServerAccount, directory: string): Promise<boolean> {
  const result = await runProgram('/bin/sh', ['-c', 'cd "$1"', 'sh', directory], { account });
  return result.ok;
}
