import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { Run } from './figure.ts';

export interface Load {
  /** With a key, a delivery of its own is signed and posted; without one, it is a GET. */
  targets: { url: string; key?: string }[];
  connections: number;
  headers?: Record<string, string>;
  /** What is cut off, or answered with 5xx, is sent again after a moment, as Calendly and every careful client does. */
  retries?: boolean;
  /** So many, however fast they are answered. Without it, each connection sends as soon as it has an answer. */
  perSecond?: number;
  warmUpMs: number;
  measuredMs: number;
}
/** `retried`: what was sent again, by the status that it got first, or `cut`. */
export type LoadAnswer = Run & { statuses: Record<string, number>; retried: Record<string, number> };

export interface LoadProcess {
  /** Throws where anything else than 200 was answered. Returns how many were sent, warm-up included. */
  run(
    load: Pick<Load, 'targets' | 'connections' | 'headers' | 'retries' | 'perSecond'> & { measuredMs?: number },
  ): Promise<Run & { sent: number; retried: Record<string, number> }>;
  stop(): void;
}

export function startLoad(): LoadProcess {
  const child = fork(fileURLToPath(new URL('load.ts', import.meta.url)));
  return {
    async run(load) {
      const settled = new AbortController();
      const { signal } = settled;
      const answered = Promise.race([once(child, 'message', { signal }), once(child, 'exit', { signal })]);
      child.send({ warmUpMs: 700, measuredMs: 2_500, ...load } satisfies Load);
      const [answer] = (await answered.finally(() => settled.abort())) as [LoadAnswer | number];
      if (typeof answer !== 'object') throw new Error(`The load ended with ${answer}`);
      const { statuses, ...run } = answer;
      const { 200: sent = 0, ...others } = statuses;
      if (Object.keys(others).length > 0) throw new Error(`Answers other than 200: ${JSON.stringify(statuses)}`);
      return { ...run, sent };
    },
    stop: () => void child.kill(),
  };
}
