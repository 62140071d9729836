import { fork } from 'node:child_process';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { request, type Answer } from './request.ts';

const SCRIPT = fileURLToPath(new URL('./service-child.ts', import.meta.url));
/** Hundreds of processes are started and killed: compiled once, each starts with half the work. */
const COMPILED = join(tmpdir(), 'calendly-reconnect-compiled');
export const CHILD_API_KEY = 'test-api-key-of-the-child';

export interface ServiceChild {
  url: string;
  pid: number;
  isAlive(): boolean;
  api(method: string, path: string, options?: { body?: unknown; headers?: Record<string, string> }): Promise<Answer>;
  moveClock(offsetMs: number): Promise<void>;
  /** SIGKILL: nothing is said goodbye to. */
  kill(): Promise<void>;
  /** SIGSTOP: it stands still in the middle of whatever it does, until `thaw`. */
  freeze(): void;
  thaw(): void;
  /** SIGTERM; comes back with the exit code once every answer in hand is stored. */
  terminate(): Promise<number | null>;
}

export interface ServiceChildOptions {
  port: number;
  env: Record<string, string>;
  offsetMs: number;
  /** Everything that it logs, line by line. */
  logged: string[];
}

/** Starts the service as a real process and comes back when it listens. */
export async function startServiceChild({ port, env, offsetMs, logged }: ServiceChildOptions): Promise<ServiceChild> {
  const child = fork(SCRIPT, [String(offsetMs)], {
    execArgv: [],
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    env: { PATH: process.env['PATH'], NODE_COMPILE_CACHE: COMPILED, ...env, PORT: String(port) },
  });
  const exited = once(child, 'exit') as Promise<[number | null]>;
  for (const stream of [child.stdout, child.stderr]) createInterface(stream!).on('line', (line) => logged.push(line));
  const closed = once(child, 'close');

  const said = (matches: (message: Record<string, unknown>) => boolean) =>
    new Promise<void>((resolve, reject) => {
      const onMessage = (message: unknown) => {
        if (matches(message as Record<string, unknown>)) done(resolve);
      };
      const onExit = () => done(() => reject(new Error(`The service ended: ${logged.slice(-5).join('\n')}`)));
      const done = (then: () => void) => {
        child.off('message', onMessage).off('exit', onExit);
        then();
      };
      child.on('message', onMessage).on('exit', onExit);
    });
  await said((message) => message['listening'] === true);

  let frozen = false;
  const url = `http://127.0.0.1:${port}`;
  return {
    url,
    pid: child.pid!,
    isAlive: () => child.exitCode === null && child.signalCode === null,
    api: (method, path, { body, headers } = {}) =>
      request(`${url}${path}`, method, body, { authorization: `Bearer ${CHILD_API_KEY}`, ...headers }),
    async moveClock(to) {
      // It will read that when it wakes.
      if (frozen) return void child.send({ offsetMs: to });
      const moved = said((message) => message['offsetMs'] === to);
      child.send({ offsetMs: to });
      await moved;
    },
    async kill() {
      child.kill('SIGKILL');
      await closed;
    },
    freeze() {
      frozen = true;
      child.kill('SIGSTOP');
    },
    thaw() {
      frozen = false;
      child.kill('SIGCONT');
    },
    async terminate() {
      child.kill('SIGTERM');
      const [code] = await exited;
      await closed;
      return code;
    },
  };
}
