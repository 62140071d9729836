import { join } from 'node:path';
import type { Binaries } from './binaries.ts';
import { SUPERUSER } from './create-cluster.ts';
import { runProgram } from './run-program.ts';
import type { ServerPlace } from './server-place.ts';

/** Gives existing data a new password when the file with the old one was lost. The server must not be running. */
export async function setPassword(place: ServerPlace, binaries: Binaries, password: string): Promise<void> {
  // base64url and a constant, so nothing has to be quoted.
  const result = await runProgram(
    binaries.program('postgres'),
    ['--single', '-D', join(place.directory, 'cluster'), 'postgres'],
    { account: place.account, input: `alter role ${SUPERUSER} password '${password}'\n` },
  );
  if (!result.ok || result.output.includes('ERROR'))
    throw new Error(`The password of the embedded PostgreSQL could not be changed: ${result.output}`);
}
