import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { waitFor } from '../support/service/wait-for.ts';
import { Tally } from './tally.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const START_PATIENCE_MS = 60_000;

/** The service as it runs in production: `src/main.ts` in a process of its own, which can be killed. */
export class ServiceProcess {
  readonly url: string;
  /** Epoch ms of each SIGKILL. */
  readonly kills: number[] = [];
  /** What it logged as a warning or worse. */
  readonly problems = new Tally();
  readonly #environment: Record<string, string>;
  #child: ChildProcess | null = null;
  #isExpectedToEnd = false;

  constructor(url: string, environment: Record<string, string>) {
    this.url = url;
    this.#environment = environment;
  }

  /** False from the moment that its end has begun: two who want to kill it must not both start it again. */
  get isRunning(): boolean {
    return this.#child !== null && !this.#isExpectedToEnd;
  }

  /** Comes back when it is ready for work. */
  async start(): Promise<void> {
    this.#isExpectedToEnd = false;
    const child = spawn(process.execPath, ['src/main.ts'], {
      cwd: ROOT,
      env: { PATH: process.env['PATH'], HOME: process.env['HOME'], LOG_LEVEL: 'warn', ...this.#environment },
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    this.#child = child;
    child.once('exit', (code, signal) => {
      if (!this.#isExpectedToEnd) this.problems.add(`fatal: the service ended by itself (${code ?? signal})`);
      if (this.#child === child) this.#child = null;
    });
    createInterface(child.stdout!).on('line', (line) => this.#note(line));
    await waitFor(
      async () => {
        if (child.exitCode !== null) return false;
        return (await fetch(`${this.url}/health/ready`)).ok;
      },
      { timeoutMs: START_PATIENCE_MS, describe: 'the service to be ready' },
    );
  }

  /** As a power cut does it: nothing is said, nothing is saved. */
  async kill(): Promise<void> {
    this.kills.push(Date.now());
    await this.#end('SIGKILL');
  }

  async stop(): Promise<void> {
    await this.#end('SIGTERM');
  }

  async #end(signal: NodeJS.Signals): Promise<void> {
    const child = this.#child;
    if (child === null) return;
    this.#isExpectedToEnd = true;
    const exited = once(child, 'exit');
    child.kill(signal);
    await exited;
    this.#child = null;
  }

  #note(line: string): void {
    try {
      const { level, msg, err } = JSON.parse(line) as {
        level: string;
        msg: string;
        err?: { type?: string; message?: string; code?: string };
      };
      this.problems.add(
        `${level}: ${msg}${err ? ` (${err.code ?? err.type}: ${String(err.message).slice(0, 160)})` : ''}`,
      );
    } catch {
      this.problems.add(`unreadable: ${line.slice(0, 160)}`);
    }
  }
}
