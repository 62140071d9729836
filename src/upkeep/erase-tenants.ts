import type { Kysely } from 'kysely';
import type { EffectType } from '../../machines/connection/index.ts';
import type { Database } from '../db/database.ts';
import { deleteJobsOf } from '../jobs/live-jobs.ts';

/** Subscriptions come first: the deletion waits for a projector that holds their rows, and later projectors find them gone. */
const TABLES = [
  'subscription',
  'history',
  'effect',
  'timer',
  'backfill',
  'backfill_event',
  'unreadable_event',
  'exchange',
  'delivery',
  'meeting',
  'scheduled_event',
  'debt',
  'consent_attempt',
  'connection_import',
  'refresh_intent',
  'superseded_access_token',
  'oauth_grant',
  'credential',
  'host_event',
  'host_event_half',
  'tenant_settings',
] as const;

/** Effects whose answers may bring tokens or a webhook. A deletion is among them, because it refreshes tokens that have ended. */
const BRINGING = [
  'exchangeCode',
  'refreshToken',
  'createSubscription',
  'deleteSubscription',
] as const satisfies EffectType[];

/** Erases tenants whose erasure was asked for, once they are disconnected and owe nothing any more. Returns their number. */
export async function eraseSettledTenants(db: Kysely<Database>): Promise<number> {
  const due = await db
    .selectFrom('connection')
    .select('tenant_id')
    .where('erase_requested_at', 'is not', null)
    .where('state', '=', 'disconnected')
    .where('substate', '=', 'idle')
    .execute();
  for (const { tenant_id: tenantId } of due) await eraseTenant(db, tenantId);
  return due.length;
}

async function eraseTenant(db: Kysely<Database>, tenantId: string): Promise<void> {
  await db.transaction().execute(async (trx) => {
    const row = await trx
      .selectFrom('connection')
      .select(['substate', 'state', 'erase_requested_at'])
      .where('tenant_id', '=', tenantId)
      .forUpdate()
      .executeTakeFirst();
    // The tenant is connecting again. When it is connected, the erasure is cancelled.
    if (row?.state !== 'disconnected' || row.substate !== 'idle' || row.erase_requested_at === null) return;
    // An open effect may still bring tokens or a webhook, and these need a tenant. The next run looks again.
    const open = await trx
      .selectFrom('effect')
      .select('id')
      .where('tenant_id', '=', tenantId)
      .where('answered_at', 'is', null)
      .where('type', 'in', BRINGING)
      .limit(1)
      .executeTakeFirst();
    if (open !== undefined) return;
    for (const table of TABLES) await trx.deleteFrom(table).where('tenant_id', '=', tenantId).execute();
    await deleteJobsOf(trx, tenantId);
    await trx.deleteFrom('connection').where('tenant_id', '=', tenantId).execute();
  });
}
