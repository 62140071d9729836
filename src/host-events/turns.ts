/** Lets at most `most` pieces of work run at once; the others wait for their turn, in the order in which they came. */
export function createTurns(most: number): <T>(work: () => Promise<T>) => Promise<T> {
  const waiting: (() => void)[] = [];
  let running = 0;
  return async (work) => {
    if (running < most) running++;
    else await new Promise<void>((resolve) => waiting.push(resolve));
    try {
      return await work();
    } finally {
      // The turn goes to the first in the queue, so that nobody who comes now is served before it.
      const next = waiting.shift();
      if (next === undefined) running--;
      else next();
    }
  };
}
