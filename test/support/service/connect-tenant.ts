import { expect } from 'vitest';
import { giveConsent } from '../calendly/give-consent.ts';
import type { Answer, TestService } from './start-test-service.ts';

export const connectionPath = (tenantId: string): string => `/v1/tenants/${tenantId}/connection`;

/** A tenant on its way through consent until it is connected, as a host and a person do it. Gives the connection. */
export async function connectTenant(
  { api }: Pick<TestService, 'api'>,
  tenantId: string,
  account: string,
  {
    switchAccount = false,
    scopes,
    state = 'connected',
  }: { switchAccount?: boolean; scopes?: string[]; state?: string } = {},
): Promise<Answer['body']> {
  const asked = await api('POST', `${connectionPath(tenantId)}/connect`, { body: { switchAccount } });
  expect(asked.body.authorizeUrl, `consent for ${tenantId}: ${JSON.stringify(asked.body)}`).toBeTypeOf('string');
  await giveConsent(asked.body.authorizeUrl, account, scopes ? { scopes } : {});
  const { body } = await api('GET', connectionPath(tenantId));
  expect(body.state, JSON.stringify(body.lastError)).toBe(state);
  return body;
}
