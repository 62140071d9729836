import type { ConnectionView } from '../connection/reads/view-connection.ts';
import type { HistoryItem } from '../connection/reads/list-history.ts';
import type { TenantItem } from '../connection/reads/list-tenants.ts';
import type { ExchangeItem } from '../exchanges/list-exchanges.ts';
import type { App } from '../web/app-type.ts';
import type { Meeting } from '../meetings/meeting.ts';

/** The service answered with a problem document. */
export class HostApiError extends Error {
  override name = 'HostApiError';
  readonly status: number;
  readonly code: string;

  constructor(status: number, { code, detail, title }: { code?: string; detail?: string; title?: string }) {
    super(detail ?? title ?? `The service answered ${status}.`);
    this.status = status;
    this.code = code ?? 'unknown';
  }
}

/** What a host product's back end does with the service: it calls its /v1 routes with the key, and nothing else. */
export interface HostApi {
  /** null for a tenant that the service has never seen. */
  connection(tenantId: string): Promise<ConnectionView | null>;
  connect(
    tenantId: string,
    options: { returnTo: string; switchAccount: boolean; completion: 'host' },
  ): Promise<{ authorizeUrl: string | null }>;
  complete(tenantId: string, ticket: string): Promise<{ calendly: string; reason: string | null }>;
  confirmAccount(tenantId: string, accept: boolean, accountUri: string): Promise<void>;
  disconnect(tenantId: string): Promise<void>;
  resync(tenantId: string): Promise<void>;
  meetings(tenantId: string): Promise<Meeting[]>;
  /** Newest first. */
  history(tenantId: string): Promise<HistoryItem[]>;
  /** Newest first. */
  exchanges(tenantId: string): Promise<ExchangeItem[]>;
  tenants(): Promise<TenantItem[]>;
}

/** `inject` is an HTTP request without the network: the same routes and checks, whatever address the service listens on. */
export function createHostApi(app: Pick<App, 'inject'>, apiKey: string): HostApi {
  async function call<T>(method: 'GET' | 'POST' | 'DELETE', path: string, body?: object): Promise<T> {
    const response = await app.inject({
      method,
      url: `/v1${path}`,
      headers: { authorization: `Bearer ${apiKey}` },
      ...(body ? { payload: body } : {}),
    });
    if (response.statusCode >= 400) throw new HostApiError(response.statusCode, response.json());
    return response.json<T>();
  }
  const list = async <T>(path: string): Promise<T[]> => (await call<{ items: T[] }>('GET', path)).items;
  const ofTenant = (tenantId: string) => `/tenants/${encodeURIComponent(tenantId)}`;

  return {
    connection: (id) =>
      call<ConnectionView>('GET', `${ofTenant(id)}/connection`).catch((error: unknown) => {
        if (error instanceof HostApiError && error.code === 'tenant_unknown') return null;
        throw error;
      }),
    connect: (id, options) => call('POST', `${ofTenant(id)}/connection/connect`, options),
    complete: (id, ticket) => call('POST', `${ofTenant(id)}/connection/complete`, { ticket }),
    confirmAccount: async (id, accept, accountUri) =>
      void (await call('POST', `${ofTenant(id)}/connection/confirm-account`, { accept, accountUri })),
    disconnect: async (id) => void (await call('DELETE', `${ofTenant(id)}/connection`)),
    resync: async (id) => void (await call('POST', `${ofTenant(id)}/connection/resync`)),
    meetings: (id) => list(`${ofTenant(id)}/meetings?limit=20`),
    history: (id) => list(`${ofTenant(id)}/history?limit=100`),
    exchanges: (id) => list(`${ofTenant(id)}/exchanges?limit=50`),
    tenants: () => list('/tenants?limit=12'),
  };
}
