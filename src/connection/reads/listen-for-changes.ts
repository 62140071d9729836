import { CONNECTION_CHANGED } from '../dispatch/announce-changes.ts';
import { listen } from '../../db/listen.ts';

/** Lets anyone wait for a tenant's next change, made by whichever instance. */
export interface Changes {
  /** Comes back on the next change of the tenant, or after `ms`; holds no connection meanwhile. */
  next(tenantId: string, ms: number, signal?: AbortSignal): Promise<void>;
  /** False while the connection that hears of changes is being made again. */
  isHeard(): boolean;
  /** True once nobody shall wait any more. */
  readonly ended: boolean;
  /** Ends every wait, now and from now on: the service is stopping. */
  end(): void;
  /** Hears of every change; returns the way to stop hearing. */
  subscribe(listener: (tenantId: string, version: number) => void): () => void;
  close(): Promise<void>;
}

/** LISTEN on one connection for all waiters. A notification can be lost: whoever waits also looks again by himself. */
export async function listenForChanges(url: string, onError: (error: unknown) => void = () => {}): Promise<Changes> {
  const listeners = new Set<(tenantId: string, version: number) => void>();
  const everyone = new Set<() => void>();
  const handle = await listen({
    url,
    channel: CONNECTION_CHANGED,
    onError,
    onNotification: (payload) => {
      const { tenantId, version } = JSON.parse(payload) as { tenantId: string; version: number };
      for (const listener of listeners) listener(tenantId, version);
    },
    // Anything may have been missed.
    onReconnect: () => {
      for (const wake of everyone) wake();
    },
  });
  const subscribe: Changes['subscribe'] = (listener) => {
    listeners.add(listener);
    return () => listeners.delete(listener);
  };
  let ended = false;
  const end = () => {
    ended = true;
    for (const wake of [...everyone]) wake();
  };
  return {
    get ended() {
      return ended;
    },
    isHeard: () => handle.isUp(),
    end,
    subscribe,
    next: (tenantId, ms, signal) =>
      new Promise((resolve) => {
        const done = () => {
          clearTimeout(timer);
          unsubscribe();
          everyone.delete(done);
          signal?.removeEventListener('abort', done);
          resolve();
        };
        const timer = setTimeout(done, ms);
        const unsubscribe = subscribe((changed) => {
          if (changed === tenantId) done();
        });
        everyone.add(done);
        signal?.addEventListener('abort', done, { once: true });
        if (ended || signal?.aborted) done();
      }),
    close: async () => {
      end();
      await handle.close();
    },
  };
}
