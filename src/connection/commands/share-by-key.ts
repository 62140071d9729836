/**
 * Does the work once for all callers who ask for the same key at the same time. Callers who come while it runs share the next
 * run, because that one begins after their call and so sees everything that happened before it. A run gets what its first caller gave.
 */
export function shareByKey<T, Given = void>(
  work: (key: string, given: Given) => Promise<T>,
): (key: string, given: Given) => Promise<T> {
  const waiting = new Map<string, Promise<T>>();
  const latest = new Map<string, Promise<T>>();
  return (key, given) => {
    const joined = waiting.get(key);
    if (joined) return joined;
    const former = latest.get(key);
    const promise = (async () => {
      await former?.catch(() => {}); // its own callers get the error
      waiting.delete(key);
      return work(key, given);
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
