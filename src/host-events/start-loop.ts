export interface Loop {
  /** Looks again at once, instead of waiting. */
  wake(): void;
  /** Begins nothing new, and waits for what is under way. */
  stop(): Promise<void>;
}

/**
 * Repeats `work`: `ms` after its last end, or when woken, or at once if it returns true because there is more to do. A failure is
 * told to `onError`, and the work is repeated all the same. Loops do not wait for each other.
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
