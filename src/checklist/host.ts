import {
  createClient,
  eachItem,
  ReconnectError,
  type ConnectAnswer,
  type Connection,
  type DisconnectAnswer,
  type Exchange,
  type Meeting,
} from '../client/index.ts';

/** The service as a host product uses it: over HTTP, with the API key. */
export interface Host {
  connect(options?: { switchAccount?: boolean }): Promise<ConnectAnswer>;
  connection(): Promise<Connection>;
  disconnect(): Promise<DisconnectAnswer>;
  /** Disconnects and, once nothing is owed, forgets the tenant. */
  erase(): Promise<void>;
  meetings(): Promise<Meeting[]>;
  /** All of the tenant since `since` (RFC 3339), oldest first. */
  exchangesSince(since: string): Promise<Exchange[]>;
  /** An access token; null where the service says that there is none. */
  accessToken(): Promise<string | null>;
}

const NO_TOKEN = ['tenant_unknown', 'no_usable_grant'];

export function createHost(url: string, apiKey: string, tenantId: string): Host {
  const client = createClient({ url, apiKey });
  const options = { timeoutMs: 70_000 };
  return {
    connect: (asked = {}) => client.connect({ tenantId, ...asked }, options),
    connection: () => client.getConnection({ tenantId }, options),
    disconnect: () => client.disconnect({ tenantId }, options),
    erase: async () => void (await client.eraseTenant({ tenantId }, options)),
    meetings: async () => (await client.listMeetings({ tenantId, limit: 100 }, options)).items,
    async exchangesSince(since) {
      const found: Exchange[] = [];
      for await (const exchange of eachItem(client.listExchanges, { tenantId, limit: 100 }, options)) {
        if (exchange.startedAt < since) break;
        found.push(exchange);
      }
      return found.reverse();
    },
    accessToken: () =>
      client.getAccessToken({ tenantId }, options).then(
        ({ accessToken }) => accessToken,
        (error: unknown) => {
          if (error instanceof ReconnectError && NO_TOKEN.includes(error.code)) return null;
          throw error;
        },
      ),
  };
}
