import type { ConnectionView } from '../connection/reads/view-connection.ts';
import type { ExchangeItem } from '../exchanges/list-exchanges.ts';
import type { Page } from '../paging/to-page.ts';
import type { Meeting } from '../meetings/meeting.ts';

/** The service, seen as a host product sees it: over HTTP, with the API key. */
export interface Host {
  connect(options?: { switchAccount?: boolean }): Promise<{ connection: ConnectionView; authorizeUrl: string | null }>;
  connection(): Promise<ConnectionView>;
  disconnect(): Promise<{ connection: ConnectionView; debts: unknown[] }>;
  /** Disconnects and, once nothing is owed, forgets the tenant. */
  erase(): Promise<void>;
  meetings(): Promise<Meeting[]>;
  /** All of the tenant since `since` (RFC 3339), oldest first. */
  exchangesSince(since: string): Promise<ExchangeItem[]>;
  /** An access token; null where the service says that there is none. */
  accessToken(): Promise<string | null>;
}

export function createHost(baseUrl: string, apiKey: string, tenantId: string): Host {
  const tenant = `${baseUrl}/v1/tenants/${tenantId}`;
  async function send(method: string, path: string, body?: object): Promise<Response> {
    return fetch(`${tenant}${path}`, {
      method,
      headers: { authorization: `Bearer ${apiKey}`, ...(body ? { 'content-type': 'application/json' } : {}) },
      ...(body ? { body: JSON.stringify(body) } : {}),
      signal: AbortSignal.timeout(70_000),
    });
  }
  async function call<T>(method: string, path: string, body?: object): Promise<T> {
    const response = await send(method, path, body);
    if (!response.ok)
      throw new Error(`${method} ${path} answered ${response.status}: ${(await response.text()).slice(0, 300)}`);
    return (await response.json()) as T;
  }

  return {
    connect: (options = {}) => call('POST', '/connection/connect', options),
    connection: () => call('GET', '/connection'),
    disconnect: () => call('DELETE', '/connection'),
    erase: async () => void (await call('DELETE', '')),
    meetings: async () => (await call<Page<Meeting>>('GET', '/meetings?limit=100')).items,
    async exchangesSince(since) {
      const found: ExchangeItem[] = [];
      for (let cursor: string | null = ''; cursor !== null;) {
        const page: Page<ExchangeItem> = await call(
          'GET',
          `/exchanges?limit=100${cursor && `&cursor=${encodeURIComponent(cursor)}`}`,
        );
        const recent = page.items.filter(({ startedAt }) => startedAt >= since);
        found.push(...recent);
        cursor = recent.length < page.items.length ? null : page.nextCursor;
      }
      return found.reverse();
    },
    async accessToken() {
      const response = await send('GET', '/access-token');
      if (response.status === 409 || response.status === 404) return null;
      if (!response.ok) throw new Error(`GET /access-token answered ${response.status}`);
      return ((await response.json()) as { accessToken: string }).accessToken;
    },
  };
}
