export interface Loop {
  /** Looks again at once, instead of waiting. */
  wake(): void;
  /** Begins nothing new, and waits for what is under way. */
  stop(): Promise<void>;
}

/**
 * Does one thing again and again: `ms` after it was done last, or when woken, or at once if it says that there is more to do. After
 * a failure it tries again. Loops do not wait for each other.
 */
export function startLoop(
  ms: number,
  work: (signal: AbortSignal) => Promise<boolean | void>,
  onError: (error: unknown) => void,
): Loop {
  const stopping = new AbortController();
  let isWoken = false;
  let wake = () => {};
  const idle = () =>
    new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, ms);
      wake = () => {
        clearTimeout(timer);
        resolve();
      };
      if (isWoken || stopping.signal.aborted) wake();
    });
  const run = async (): Promise<void> => {
    while (!stopping.signal.aborted) {
      isWoken = false;
      const hasMore = await work(stopping.signal).catch(onError);
      if (hasMore !== true) await idle();
    }
  };
  const running = run();
  return {
    wake() {
      isWoken = true;
      wake();
    },
    async stop() {
      stopping.abort();
      wake();
      await running;
    },
  };
}
