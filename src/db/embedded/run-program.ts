import { spawn } from 'node:child_process';
import type { ServerAccount } from './server-account.ts';

export type ProgramResult = { ok: boolean; output: string };

/** The whole environment of PostgreSQL's programs. PGDATA, PGPORT, PGOPTIONS or a locale of the user's shell would change what they do. */
const PROGRAM_ENVIRONMENT = { PATH: '/usr/local/bin:/usr/bin:/bin', LC_ALL: 'C', TZ: 'UTC' };

/** How each of these programs is started. `detached`: Ctrl-C would signal the whole foreground process group. */
export function spawnOptions(account: ServerAccount | undefined) {
  return {
    cwd: '/',
    env: PROGRAM_ENVIRONMENT,
    detached: true,
    ...(account && { uid: account.uid, gid: account.gid }),
  };
}

/** Runs a program to its end. If it cannot be started at all, that is a result, too, because the caller knows what to say. */
export function runProgram(
  file: string,
  args: string[],
  { account, input = '' }: { account?: ServerAccount | undefined; input?: string } = {},
): Promise<ProgramResult> {
  return new Promise((resolve) => {
    const failed = (error: Error) => resolve({ ok: false, output: error.message });
    try {
      const child = spawn(file, args, { ...spawnOptions(account), stdio: ['pipe', 'pipe', 'pipe'] });
      let output = '';
      child.stdout.setEncoding('utf8').on('data', (text: string) => (output += text));
      child.stderr.setEncoding('utf8').on('data', (text: string) => (output += text));
      child.stdin.on('error', () => {}); // it may end without reading: its exit code says what there is to say
      child.stdin.end(input);
      child.on('error', failed);
      child.on('close', (code, signal) =>
        resolve({ ok: code === 0, output: output.trim() || `ended with ${signal ?? code}` }),
      );
    } catch (error) {
      failed(error as Error); // no right to become that account: spawn() throws at once
    }
  });
}
