import { runOf, type Run } from './figure.ts';

const WARM_UP_MS = 500;
const MEASURED_MS = 2_000;

/** Does `work` in this process, `parallel` at once, for some seconds after a warm-up. `onDone` hears of each, warm-up included. */
export async function measure(parallel: number, work: (index: number) => Promise<void>): Promise<Run> {
  let next = 0;
  const times: number[] = [];
  const begin = performance.now();
  const start = begin + WARM_UP_MS;
  const end = start + MEASURED_MS;
  await Promise.all(
    Array.from({ length: parallel }, async () => {
      for (let begun = performance.now(); begun < end; begun = performance.now()) {
        await work(next++);
        const now = performance.now();
        if (begun >= start && now <= end) times.push(now - begun);
      }
    }),
  );
  return runOf(times, MEASURED_MS / 1000);
}
