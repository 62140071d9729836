import { randomUUID } from 'node:crypto';
import { Agent, request } from 'node:http';
import { signDelivery } from '../support/calendly/sign-delivery.ts';
import { bookingOf } from './booking.ts';
import { runOf } from './figure.ts';
import type { Load, LoadAnswer } from './start-load.ts';

/** The process that makes the load: it takes no time from the one that is measured, and waits for answers as a client would. */
process.on('message', (load: Load) => {
  void run(load).then((answer) => process.send!(answer));
});

async function run({ targets, connections, warmUpMs, measuredMs, headers }: Load): Promise<LoadAnswer> {
  const agent = new Agent({ keepAlive: true, maxSockets: connections });
  const statuses: Record<string, number> = {};
  const times: number[] = [];
  let next = 0;
  const start = performance.now() + warmUpMs;
  const end = start + measuredMs;
  await Promise.all(
    Array.from({ length: connections }, async () => {
      for (;;) {
        const { url, key } = targets[next++ % targets.length]!;
        const body = key === undefined ? null : Buffer.from(JSON.stringify(bookingOf(randomUUID())));
        const signature =
          key === undefined ? {} : { 'calendly-webhook-signature': signDelivery(body!, key, new Date()) };
        const begun = performance.now();
        if (begun >= end) return;
        const status = await send(agent, url, body, { ...headers, ...signature });
        const now = performance.now();
        statuses[status] = (statuses[status] ?? 0) + 1;
        if (begun >= start && now <= end) times.push(now - begun);
      }
    }),
  );
  agent.destroy();
  return { ...runOf(times, measuredMs / 1000), statuses };
}

function send(agent: Agent, url: string, body: Buffer | null, headers: Record<string, string>): Promise<number> {
  return new Promise((resolve, reject) => {
    const content = body === null ? {} : { 'content-type': 'application/json', 'content-length': body.length };
    const sent = request(
      url,
      { agent, method: body === null ? 'GET' : 'POST', headers: { ...headers, ...content } },
      (response) => {
        response.resume();
        response.on('end', () => resolve(response.statusCode!));
        response.on('error', reject);
      },
    );
    sent.on('error', reject);
    sent.end(body);
  });
}
