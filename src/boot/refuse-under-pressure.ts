import { getHeapStatistics } from 'node:v8';
import { ProblemError } from '../errors.ts';
import type { App } from '../web/app-type.ts';

const LOOK_MS = 500;
/** An event loop that is this late serves nobody well. */
const LATE_MS = 1_000;
/** How often in a row it has to be late. A garbage collection or a busy neighbour ends before that. */
const MOST_LATE = 6;
/** Part of the memory that V8 may use. At the limit the process would end, with everything that is under way. */
const MOST_HEAP = 0.9;
const ALWAYS_ANSWERED = /^\/(health|metrics)\b/;

/** A process that cannot keep up says so at once: the request goes to another instance, or comes again. */
export function refuseUnderPressure(app: App, { lookMs = LOOK_MS, lateMs = LATE_MS, mostLate = MOST_LATE } = {}): void {
  let late = 0;
  let heap = 0;
  let expected = performance.now() + lookMs;
  const timer = setInterval(() => {
    const now = performance.now();
    late = now - expected > lateMs ? late + 1 : 0;
    expected = now + lookMs;
    const { used_heap_size: used, heap_size_limit: limit } = getHeapStatistics();
    heap = used / limit;
  }, lookMs);
  timer.unref();
  app.addHook('onClose', async () => clearInterval(timer));
  app.addHook('onRequest', async ({ url }) => {
    if ((late < mostLate && heap < MOST_HEAP) || ALWAYS_ANSWERED.test(url)) return;
    throw new ProblemError('overloaded', undefined, { headers: { 'retry-after': '2' } });
  });
}
