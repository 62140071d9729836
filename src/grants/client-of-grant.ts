import type { Refusal } from '../../machines/connection/index.ts';
import type { CalendlyClient } from '../calendly/client.ts';
import type { GrantRow } from './grant-rows.ts';

/**
 * The configured client that a grant was issued to. Tokens are presented to nobody else: without it, nothing is sent, and the problem
 * says what is missing.
 */
export function clientOfGrant(
  clients: readonly CalendlyClient[],
  grant: Pick<GrantRow, 'client' | 'issuer' | 'client_id'>,
): { client: CalendlyClient } | { problem: Refusal } {
  const client = clients.find(({ name }) => name === grant.client);
  if (client === undefined) return { problem: clientRemoved(grant.client) };
  if (client.oauth.authBaseUrl === grant.issuer && client.oauth.clientId === grant.client_id) return { client };
  return {
    problem: {
      code: 'issuer_changed',
      exchangeId: null,
      message:
        'The tokens were issued by another authorization server or to another client, so the service does not use them.',
    },
  };
}

/** A client that tenants have and the configuration has not. Its name is no secret. */
export const clientRemoved = (name: string): Refusal => ({
  code: 'client_removed',
  message: `The Calendly client ${name} of this tenant is no longer configured. Add it to CALENDLY_CLIENTS again.`,
  exchangeId: null,
});
