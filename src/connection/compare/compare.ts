import type { RemoteSubscription } from '../../calendly/webhook-subscriptions.ts';
import type { ComparedSubscription } from './read-subscriptions.ts';
import type { Remote } from './ask-calendly.ts';

export interface Difference {
  field: string;
  stored: string;
  real: string;
  same: boolean;
}

/**
 * `live`, `creating`, `replaced`, `retired`: there is such a row of this tenant · `another tenant`: the row is another tenant's ·
 * `unknown`: below our PUBLIC_URL and without a row · `foreign`: of another product.
 */
export interface RemoteHook {
  remote: RemoteSubscription;
  role: string;
}

export interface Comparison {
  account: Difference[];
  /** Null: no subscription is stored, or the listing that would show it failed. */
  subscription: Difference[] | null;
  /** A live subscription is stored, and its complete listing does not show it. */
  isMissing: boolean;
  hasLive: boolean;
  hooks: RemoteHook[];
}

const NOTHING = '–';

export function compare(
  remote: Remote,
  rows: readonly ComparedSubscription[],
  { tenantId, publicUrl }: { tenantId: string; publicUrl: string },
): Comparison {
  const { grant, user, subscriptions } = remote;
  const listed = new Map(
    subscriptions.flatMap(({ listed: each }) => ('value' in each ? each.value : [])).map((each) => [each.uri, each]),
  );
  const hooks = [...listed.values()].map((each): RemoteHook => ({
    remote: each,
    role: roleOf(each, rows, tenantId, publicUrl),
  }));
  const live = rows.find((row) => row.tenant_id === tenantId && row.status === 'live');
  const found = live && listed.get(live.uri ?? '');
  const isListed =
    live !== undefined && subscriptions.some(({ scope, listed: each }) => scope === live.scope && 'value' in each);
  return {
    account:
      'value' in user
        ? [
            difference('User', grant.account_uri, user.value.uri),
            difference('E-mail', grant.account_email, user.value.email),
            difference('Name', grant.account_name, user.value.name),
            difference('Organization', grant.organization_uri, user.value.organization),
          ]
        : [],
    subscription: live === undefined || (!isListed && found === undefined) ? null : differencesOf(live, found),
    isMissing: isListed && found === undefined,
    hasLive: live !== undefined,
    hooks,
  };
}

function roleOf(
  { callback_url: url }: RemoteSubscription,
  rows: readonly ComparedSubscription[],
  tenantId: string,
  publicUrl: string,
): string {
  const row = rows.find((each) => each.callback_url === url);
  if (row !== undefined) return row.tenant_id === tenantId ? row.status : 'another tenant';
  return isBelow(url, publicUrl) ? 'unknown' : 'foreign';
}

export const isBelow = (url: string, publicUrl: string): boolean => url.startsWith(`${publicUrl}/webhooks/calendly/`);

function differencesOf(row: ComparedSubscription, remote: RemoteSubscription | undefined): Difference[] {
  return [
    difference('URI', row.uri, remote?.uri),
    difference('State', row.remote_state, remote?.state),
    difference('Callback', row.callback_url, remote?.callback_url),
    difference('Scope', row.scope, remote?.scope),
    difference('Events', [...row.events].sort().join(', '), remote && [...remote.events].sort().join(', ')),
    difference('Organization', row.organization_uri, remote?.organization),
    difference(
      'Retries since',
      row.retry_started_at?.toISOString(),
      remote?.retry_started_at && new Date(remote.retry_started_at).toISOString(),
    ),
  ];
}

function difference(field: string, stored: string | null | undefined, real: string | null | undefined): Difference {
  return { field, stored: stored ?? NOTHING, real: real ?? NOTHING, same: (stored ?? null) === (real ?? null) };
}
