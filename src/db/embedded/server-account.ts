import { readFile } from 'node:fs/promises';

/** The account of the operating system that PostgreSQL runs as. `undefined` means our own. */
export type ServerAccount = { name: string; uid: number; gid: number };

/** `postgres` comes first, because it exists for this. `nobody` exists on every system, and `daemon` on nearly every one. */
const CANDIDATES = ['postgres', 'nobody', 'daemon'];

export function runsAsRoot(): boolean {
  return process.getuid?.() === 0;
}

/** PostgreSQL refuses to run as root, and initdb needs an account with a name. So it has to be an account of /etc/passwd. */
export async function findServerAccount(passwdFile = '/etc/passwd'): Promise<ServerAccount> {
  const accounts = await readAccounts(passwdFile);
  for (const name of CANDIDATES) {
    const account = accounts.find((candidate) => candidate.name === name);
    if (account && account.uid > 0) return account;
  }
  throw new Error(
    `PostgreSQL does not run as root, and ${passwdFile} has none of the accounts ${CANDIDATES.join(', ')} that could run it. ` +
      'Start the service as an ordinary user, or set DATABASE_URL.',
  );
}

/** Existing data stay with the account that owns them, whatever accounts were added to the machine since. */
export async function accountOfOwner(
  owner: { uid: number; gid: number },
  passwdFile = '/etc/passwd',
): Promise<ServerAccount> {
  const known = (await readAccounts(passwdFile)).find((account) => account.uid === owner.uid);
  return { name: known?.name ?? `uid ${owner.uid}`, uid: owner.uid, gid: owner.gid };
}

async function readAccounts(passwdFile: string): Promise<ServerAccount[]> {
  const lines = (await readFile(passwdFile, 'utf8').catch(() => '')).split('\n');
  return lines
    .map((line) => line.split(':'))
    .filter((fields) => fields.length >= 4)
    .map(([name = '', , uid, gid]) => ({ name, uid: Number(uid), gid: Number(gid) }));
}
