import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';

export type ChildOptions = { node?: string; cwd?: string; uid?: number; gid?: number; umask?: string };

/** A child in a process group of its own, read line by line as JSON. */
export function startChild(
  script: string,
  args: string[],
  { node = process.execPath, umask = '022', ...options }: ChildOptions = {},
) {
  const child = spawn('/bin/sh', ['-c', `umask ${umask}; exec "$@"`, 'sh', node, script, ...args], {
    ...options,
    detached: true,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const exited = once(child, 'exit');
  const lines: Record<string, unknown>[] = [];
  const reader = createInterface(child.stdout).on('line', (line) => lines.push(JSON.parse(line)));
  const ended = once(reader, 'close');

  return {
    pid: child.pid as number,
    lines,
    /** The first line with this key, said already or still to come. */
    async says(key: string): Promise<any> {
      for (;;) {
        const line = lines.find((candidate) => key in candidate);
        if (line) return line[key];
        const more = await Promise.race([once(reader, 'line').then(() => true), ended.then(() => false)]);
        if (!more && !lines.some((candidate) => key in candidate))
          throw new Error(`The child ended without saying ${key}: ${JSON.stringify(lines)}`);
      }
    },
    /** To the whole group, as Ctrl-C in a terminal does. */
    async end(signal: 'SIGINT' | 'SIGKILL'): Promise<void> {
      process.kill(-(child.pid as number), signal);
      await exited;
    },
  };
}
