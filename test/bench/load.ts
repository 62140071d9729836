import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { signDelivery } from '../support/calendly/sign-delivery.ts';
import { bookingOf } from './booking.ts';
import { runOf } from './figure.ts';
import { openLine, type LineRequest } from './open-line.ts';
import type { Load, LoadAnswer } from './start-load.ts';

/** The process that makes the load: it takes no time from the one that is measured, and waits for answers as a client would. */
process.on('message', (load: Load) => {
  void run(load).then((answer) => process.send!(answer));
});

const RETRY_AFTER_MS = 100;
const ID = 'ID-OF-THE-BOOKING';
const AT = 'TIME-OF-THE-BOOKING';
const BOOKING = JSON.stringify(bookingOf(ID, AT));

async function run(load: Load): Promise<LoadAnswer> {
  const { targets, connections, retries = false } = load;
  const statuses: Record<string, number> = {};
  const retried: Record<string, number> = {};
  const times: number[] = [];
  let next = 0;
  const begin = performance.now();
  const start = begin + load.warmUpMs;
  const end = start + load.measuredMs;
  const count = (of: Record<string, number>, key: string | number) => void (of[key] = (of[key] ?? 0) + 1);

  const sendRequests = async () => {
    let line = openLine(targets[0]!.url);
    for (;;) {
      const index = next++;
      if (load.perSecond !== undefined) await until(begin + (index / load.perSecond) * 1000);
      const request = requestTo(targets[index % targets.length]!, load.headers);
      const begun = performance.now();
      if (begun >= end) break;
      for (;;) {
        const status = await line.send(request).catch((error: unknown) => {
          if (!retries) throw error;
          return 'cut' as const;
        });
        if (!retries || (status !== 'cut' && status < 500)) {
          count(statuses, status);
          break;
        }
        count(retried, status);
        line.close();
        await delay(RETRY_AFTER_MS);
        line = openLine(targets[0]!.url);
      }
      const now = performance.now();
      if (begun >= start && now <= end) times.push(now - begun);
    }
    line.close();
  };
  await Promise.all(Array.from({ length: connections }, sendRequests));
  return { ...runOf(times, load.measuredMs / 1000), statuses, retried };
}

async function until(time: number): Promise<void> {
  const ms = time - performance.now();
  if (ms > 0) await delay(ms);
}

function requestTo({ url, key }: Load['targets'][number], headers: Load['headers'] = {}): LineRequest {
  if (key === undefined) return { method: 'GET', url, headers, body: '' };
  const body = BOOKING.replaceAll(ID, randomUUID()).replaceAll(AT, new Date().toISOString());
  const signature = signDelivery(body, key, new Date());
  const ofDelivery = { 'content-type': 'application/json', 'calendly-webhook-signature': signature };
  return { method: 'POST', url, headers: { ...headers, ...ofDelivery }, body };
}
