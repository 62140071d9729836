import type { ApiAnswer, ApiClient } from '../../calendly/api.ts';
import type { Trace } from '../../calendly/exchange.ts';
import { fetchOrganization, type CalendlyOrganization } from '../../calendly/organizations.ts';
import { fetchUser, type CalendlyUser } from '../../calendly/users.ts';
import { listWebhookSubscriptions, type RemoteSubscription } from '../../calendly/webhook-subscriptions.ts';
import { clientOfGrant } from '../../grants/client-of-grant.ts';
import { readAccessToken, readGrant, type GrantRow } from '../../grants/grant-rows.ts';
import type { CompareDeps } from './compare-deps.ts';

/** What a question that failed led to, in words. Its exchange tells the rest. */
export interface Refused {
  message: string;
  exchangeId: string | null;
}
export type Asked<T> = { value: T } | { refused: Refused };

export interface Remote {
  grant: GrantRow;
  user: Asked<CalendlyUser>;
  organization: Asked<CalendlyOrganization>;
  /** By scope. If a member may not list a scope, its entry says so. */
  subscriptions: { scope: string; listed: Asked<RemoteSubscription[]> }[];
}
export type Answer = { kind: 'asked'; remote: Remote } | { kind: 'cannot'; reason: string };

/**
 * Asks Calendly what it has now, with the stored access token. This is the only place where a page calls Calendly instead of an effect: its
 * answers decide nothing, so they do not belong into the machine or its history. It never refreshes, because only the machine decides that.
 * Every call is recorded as an exchange.
 */
export async function askCalendly(deps: CompareDeps, tenantId: string): Promise<Answer> {
  const token = await tokenOf(deps, tenantId);
  if ('reason' in token) return { kind: 'cannot', reason: token.reason };
  const { grant, accessToken, api } = token;
  const trace: Trace = { tenantId, effectId: null, effect: 'inspect', attempt: 1 };
  const organization = grant.organization_uri;
  const user = grant.account_uri ?? '';
  const subscriptions = await Promise.all(
    ['user', 'organization'].map(async (scope) => ({
      scope,
      listed:
        organization === null
          ? { refused: { message: 'No organization is known.', exchangeId: null } }
          : asked(await listWebhookSubscriptions(api, trace, accessToken, { organization, user, scope })),
    })),
  );
  return {
    kind: 'asked',
    remote: {
      grant,
      subscriptions,
      user: asked(await fetchUser(api, trace, accessToken)),
      organization:
        organization === null
          ? { refused: { message: 'No organization is known.', exchangeId: null } }
          : asked(await fetchOrganization(api, trace, accessToken, organization)),
    },
  };
}

/** The token of the current grant, if it can be used as it is. */
export async function tokenOf(
  { db, box, clients, record, now }: CompareDeps,
  tenantId: string,
): Promise<{ grant: GrantRow; accessToken: string; api: ApiClient } | { reason: string }> {
  const current = await db
    .selectFrom('oauth_grant')
    .select('id')
    .where('tenant_id', '=', tenantId)
    .where('status', '=', 'current')
    .executeTakeFirst();
  const grant = current && (await readGrant(db, current.id));
  if (grant === undefined)
    return { reason: 'There is no current grant, so Calendly cannot be asked on behalf of this tenant.' };
  const found = clientOfGrant(clients, grant);
  if ('problem' in found) return { reason: found.problem.message };
  if (grant.expires_at <= now())
    return { reason: 'The stored access token has expired. Refresh first: reading never spends a refresh token.' };
  const accessToken = await readAccessToken(db, box, grant);
  return accessToken === null
    ? { reason: 'The tokens of the grant are no longer stored.' }
    : { grant, accessToken, api: { apiBaseUrl: found.client.apiBaseUrl, record } };
}

function asked<T>(answer: ApiAnswer<T>): Asked<T> {
  if (answer.kind === 'ok') return { value: answer.value };
  if (answer.kind === 'failed')
    return { refused: { message: answer.failure.message, exchangeId: answer.failure.exchangeId } };
  const messages = {
    forbidden: () =>
      answer.kind === 'forbidden' && answer.refused.reason === 'scope'
        ? `Not readable: the scope ${answer.refused.missingScopes.join(', ')} was not granted.`
        : 'Not readable with this role.',
    notFound: () => 'Calendly knows nothing under this address (404).',
    conflict: () => 'Calendly answered with a conflict (409).',
  };
  return { refused: { message: messages[answer.kind](), exchangeId: answer.exchangeId } };
}
