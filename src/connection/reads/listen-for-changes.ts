import { CONNECTION_CHANGED } from '../dispatch/announce-changes.ts';
import { listen } from '../../db/listen.ts';

/** Lets callers wait for a tenant's next change, whichever instance makes it. */
export interface Changes {
  /** Resolves at the next change of the tenant, or after `ms`. It holds no connection meanwhile. */
  next(tenantId: string, ms: number, signal?: AbortSignal): Promise<void>;
  /** False while the connection that listens for changes is being opened again. */
  isHeard(): boolean;
  /** True once nobody may wait any more, because the service is stopping. */
  readonly ended: boolean;
  /** Ends every wait, those of now and later ones: the service is stopping. */
  end(): void;
  /** Calls `listener` at every change. Returns the function that ends it. */
  subscribe(listener: (tenantId: string, version: number) => void): () => void;
  close(): Promise<void>;
}

/** Listens on one connection for all who wait. A notification can be lost, so each of them also looks again by itself. */
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
    // Notifications may have been missed, so everybody looks again.
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
