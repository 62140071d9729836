export interface Measured {
  name: string;
  perSecond: number;
  p50Ms: number;
  p99Ms: number;
}

/** Runs `work` `count` times, `parallel` at once, after a warm-up of a tenth of that. */
export async function measure(
  name: string,
  { count, parallel }: { count: number; parallel: number },
  work: (index: number) => Promise<void>,
): Promise<Measured> {
  await run(Math.ceil(count / 10), parallel, (index) => work(count + index));
  const times: number[] = [];
  const start = performance.now();
  await run(count, parallel, async (index) => {
    const begun = performance.now();
    await work(index);
    times.push(performance.now() - begun);
  });
  const seconds = (performance.now() - start) / 1000;
  times.sort((one, other) => one - other);
  const at = (share: number) => times[Math.min(times.length - 1, Math.floor(times.length * share))]!;
  return { name, perSecond: count / seconds, p50Ms: at(0.5), p99Ms: at(0.99) };
}

async function run(count: number, parallel: number, work: (index: number) => Promise<void>): Promise<void> {
  let next = 0;
  await Promise.all(
    Array.from({ length: parallel }, async () => {
      for (let index = next++; index < count; index = next++) await work(index);
    }),
  );
}
