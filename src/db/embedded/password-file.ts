import { randomBytes } from 'node:crypto';
import { readFile, rename, writeFile } from 'node:fs/promises';

/** Anybody on this machine can reach 127.0.0.1: a password that only our account can read keeps them out. */
export async function readOrMakePassword(file: string): Promise<{ password: string; isNew: boolean }> {
  const known = (await readFile(file, 'utf8').catch(() => '')).trim();
  if (known) return { password: known, isNew: false };
  const password = randomBytes(24).toString('base64url');
  await writeFile(`${file}.new`, password, { mode: 0o600, flush: true });
  await rename(`${file}.new`, file);
  return { password, isNew: true };
}
