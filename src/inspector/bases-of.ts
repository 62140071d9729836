import { clientNameOf } from '../connection/reads/client-name-of.ts';
import type { InspectorDeps } from './inspector-deps.ts';
import type { CalendlyBases } from './pages/curl-of.ts';

/** Where the client of this tenant calls Calendly. */
export async function basesOf(deps: Pick<InspectorDeps, 'db' | 'clients'>, tenantId: string): Promise<CalendlyBases> {
  const name = deps.clients.length === 1 ? null : await clientNameOf(deps.db, tenantId);
  const { oauth, apiBaseUrl } = deps.clients.find((client) => client.name === name) ?? deps.clients[0]!;
  return { authBaseUrl: oauth.authBaseUrl, apiBaseUrl };
}
