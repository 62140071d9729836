import { sql, type Kysely, type Selectable, type Transaction } from 'kysely';
import type { RemoteSubscription } from '../calendly/webhook-subscriptions.ts';
import type { GrantRow } from '../grants/grant-rows.ts';
import type { Database } from '../db/database.ts';
import type { Subscription } from '../db/types.ts';
import type { WantedWebhooks } from '../tenant-settings/effective-settings.ts';

export type SubscriptionRow = Selectable<Subscription>;
export interface Ours {
  row: SubscriptionRow;
  remote: RemoteSubscription;
}

/**
 * Returns those of the listed subscriptions that are ours: their URL equals exactly that of a row of this tenant. The same host, prefix or
 * events prove nothing, because other tenants and other installations may have linked the same account.
 */
export async function oursAmong(db: Kysely<Database>, tenantId: string, remote: RemoteSubscription[]): Promise<Ours[]> {
  const urls = [...new Set(remote.map((each) => each.callback_url))];
  if (urls.length === 0) return [];
  const uris = remote.map((each) => each.uri);
  const rows = await db
    .selectFrom('subscription')
    .selectAll()
    .where('tenant_id', '=', tenantId)
    .where(({ eb, or, and }) =>
      or([
        eb('callback_url', 'in', urls),
        and([eb('imported', '=', true), eb('status', '!=', 'deleted'), eb('uri', 'in', uris)]),
      ]),
    )
    .execute();
  const byUrl = new Map(rows.filter((row) => !row.imported).map((row) => [row.callback_url, row]));
  const former = rows.filter((row) => row.imported && row.status !== 'deleted');
  return remote.flatMap((each) => {
    const row = byUrl.get(each.callback_url) ?? former.find((candidate) => isFormer(candidate, each));
    return row ? [{ row, remote: each }] : [];
  });
}

/**
 * True if this is the webhook of another system that the imported row stands for. There, several tenants may have shared a callback URL. So
 * without a URI, only a hook that this account has created counts.
 */
export function isFormer(
  row: Pick<SubscriptionRow, 'uri' | 'callback_url' | 'account_uri'>,
  { uri, callback_url, scope, user, creator }: RemoteSubscription,
): boolean {
  if (row.uri !== null) return row.uri === uri;
  return row.callback_url === callback_url && (scope === 'user' ? user : creator) === row.account_uri;
}

/** Stores on its row what Calendly says about a subscription. */
export async function noteRemote(
  trx: Transaction<Database>,
  subscriptionId: string,
  remote: RemoteSubscription,
): Promise<void> {
  await trx
    .updateTable('subscription')
    .set({
      uri: remote.uri,
      remote_state: remote.state,
      remote_created_at: sql<Date | null>`${remote.created_at ?? null}::timestamptz`,
      retry_started_at: sql<Date | null>`${remote.retry_started_at ?? null}::timestamptz`,
    })
    .where('id', '=', subscriptionId)
    .execute();
}

/**
 * True if it is active, at its own URL, of this account and its present organization, and has the wanted scope and events. A row with the
 * status `deleted` never fits: a listing can be older than the answer to a delete, and what still exists is deleted, not adopted.
 */
export function fits(
  wanted: WantedWebhooks & { publicUrl: string },
  grant: GrantRow,
  row: SubscriptionRow,
  remote: RemoteSubscription,
): boolean {
  const { publicUrl, fallback } = wanted;
  if (row.status === 'deleted' || row.account_uri !== grant.account_uri) return false;
  const asWanted = [wanted, ...(fallback ? [fallback] : [])].some(
    ({ scope, events }) =>
      remote.scope === scope &&
      remote.events.length === events.length &&
      events.every((event) => remote.events.includes(event)),
  );
  return (
    remote.state === 'active' &&
    asWanted &&
    (remote.organization ?? grant.organization_uri) === grant.organization_uri &&
    remote.callback_url === row.callback_url &&
    row.callback_url === `${publicUrl}/webhooks/calendly/${row.id}`
  );
}
