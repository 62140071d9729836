const TICK_MS = 1000;

/**
 * Aborts (TimeoutError) after so many milliseconds in which this process ran. When a process that was frozen or swapped out wakes up, its
 * call's answer waits in the socket. A limit of wall time would drop that answer unread, new tokens included.
 */
export function limitRunningTime(ms: number): { signal: AbortSignal; clear(): void } {
  const controller = new AbortController();
  const tick = Math.min(TICK_MS, ms);
  let left = ms;
  const timer = setInterval(() => {
    left -= tick;
    if (left > 0) return;
    clearInterval(timer);
    controller.abort(new DOMException('No answer in time', 'TimeoutError'));
  }, tick);
  return { signal: controller.signal, clear: () => clearInterval(timer) };
}
