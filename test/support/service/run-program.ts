import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Programs are started by the dozen: compiled once, each starts with half the work. */
const COMPILED = join(tmpdir(), 'calendly-reconnect-compiled');
const PROJECT = fileURLToPath(new URL('../../..', import.meta.url));

export interface RunningProgram {
  pid: number;
  /** All that was printed so far. */
  stdout(): string;
  stderr(): string;
  /** To its whole process group, as Ctrl-C in a terminal does. */
  signal(signal: NodeJS.Signals): void;
  ended: Promise<number | null>;
}

/** One of our programs as a person starts it. Settings of this process do not reach it, only those given here. */
export function runProgram(
  script: string,
  args: readonly string[] = [],
  { env = {}, cwd = PROJECT }: { env?: Record<string, string>; cwd?: string } = {},
): RunningProgram {
  const { PATH = '', HOME = '', TMPDIR } = process.env;
  const child = spawn(process.execPath, [script, ...args], {
    cwd,
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { PATH, HOME, ...(TMPDIR && { TMPDIR }), NODE_COMPILE_CACHE: COMPILED, ...env },
  });
  const printed = { stdout: '', stderr: '' };
  child.stdout.setEncoding('utf8').on('data', (text: string) => (printed.stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (printed.stderr += text));
  return {
    pid: child.pid as number,
    stdout: () => printed.stdout,
    stderr: () => printed.stderr,
    signal: (signal) => void process.kill(-(child.pid as number), signal),
    ended: once(child, 'close').then(([code]) => code as number | null),
  };
}
