import { randomUUID } from 'node:crypto';
import type { Transaction } from 'kysely';
import type { ConnectionContext, ConnectionEvent } from '../../../machines/connection/index.ts';
import type { Database } from '../../db/database.ts';

/** A webhook of another system, as that system describes it. */
export interface FormerWebhook {
  uri?: string | undefined;
  callbackUrl?: string | undefined;
}

/**
 * Stores rows for another system's webhooks. The URI at Calendly identifies a webhook best: one callback URL may have served many tenants,
 * so without a URI only the account's own hook with it counts. The account is written when it is known.
 */
export async function storeFormerWebhooks(
  trx: Transaction<Database>,
  { tenantId, grantId, webhooks, now }: { tenantId: string; grantId: string; webhooks: FormerWebhook[]; now: Date },
): Promise<string[]> {
  const ids: string[] = [];
  for (const { uri, callbackUrl } of webhooks) {
    const address = uri ?? callbackUrl ?? '';
    const known = await trx
      .selectFrom('subscription')
      .select('id')
      .where('tenant_id', '=', tenantId)
      .where('imported', '=', true)
      .where('status', '!=', 'deleted')
      .where('callback_url', '=', address)
      .executeTakeFirst();
    const id = known?.id ?? randomUUID();
    ids.push(id);
    if (known !== undefined) continue;
    await trx
      .insertInto('subscription')
      .values({
        id,
        tenant_id: tenantId,
        grant_id: grantId,
        account_uri: '',
        organization_uri: '',
        callback_url: address,
        uri: uri ?? null,
        status: 'retired',
        scope: 'user',
        events: [],
        created_at: now,
        imported: true,
      })
      .execute();
  }
  return [...new Set(ids)];
}

/**
 * When the import is accepted, the webhooks belong to its account. If the import comes to nothing, or if the tenant is released before
 * they were touched, they belong to nobody.
 */
export async function projectFormerWebhooks(
  trx: Transaction<Database>,
  before: ConnectionContext,
  after: ConnectionContext,
  event: ConnectionEvent,
): Promise<void> {
  const rows = { tenantId: after.tenantId, owed: new Set(after.debts.map((debt) => debt.subscriptionId)) };
  if (before.importing !== null && after.importing?.id !== before.importing.id) {
    const ids = before.importing.webhooks;
    await forget(
      trx,
      rows.tenantId,
      ids.filter((id) => !rows.owed.has(id)),
    );
    const accepted = ids.filter((id) => rows.owed.has(id));
    if (accepted.length > 0 && after.grant !== null)
      await trx
        .updateTable('subscription')
        .set({ account_uri: after.grant.accountUri ?? '', organization_uri: after.grant.organizationUri ?? '' })
        .where('id', 'in', accepted)
        .execute();
  }
  if (event.type === 'release') {
    const held = before.debts.filter((debt) => debt.status === 'held' && !rows.owed.has(debt.subscriptionId));
    await forget(
      trx,
      rows.tenantId,
      held.map((debt) => debt.subscriptionId).filter((id) => id !== null),
    );
  }
}

async function forget(trx: Transaction<Database>, tenantId: string, ids: string[]): Promise<void> {
  if (ids.length === 0) return;
  await trx
    .deleteFrom('subscription')
    .where('tenant_id', '=', tenantId)
    .where('imported', '=', true)
    .where('id', 'in', ids)
    .execute();
}
