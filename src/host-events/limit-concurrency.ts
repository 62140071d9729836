/** Runs at most `most` pieces of work at once. The others wait, and begin in the order in which they came. */
export function limitConcurrency(most: number): <T>(work: () => Promise<T>) => Promise<T> {
  const waiting: (() => void)[] = [];
  let running = 0;
  return async (work) => {
    if (running < most) running++;
    else await new Promise<void>((resolve) => waiting.push(resolve));
    try {
      return await work();
    } finally {
      // The first in the queue goes on now, so that work that comes later cannot begin before it.
      const next = waiting.shift();
      if (next === undefined) running--;
      else next();
    }
  };
}
