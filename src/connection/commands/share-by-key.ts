/**
 * Does the work once for all who ask for the same key at the same time. Whoever comes while it is being done shares the next
 * time: that one begins after he asked, and so knows all that he knows.
 */
export function shareByKey<T>(work: (key: string) => Promise<T>): (key: string) => Promise<T> {
  const waiting = new Map<string, Promise<T>>();
  const latest = new Map<string, Promise<T>>();
  return (key) => {
    const joined = waiting.get(key);
    if (joined) return joined;
    const former = latest.get(key);
    const promise = (async () => {
      await former?.catch(() => {}); // its own callers hear of that
      waiting.delete(key);
      return work(key);
    })();
    waiting.set(key, promise);
    latest.set(key, promise);
    const forget = () => {
      if (latest.get(key) === promise) latest.delete(key);
    };
    promise.then(forget, forget);
    return promise;
  };
}
