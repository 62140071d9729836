import type { Transaction } from 'kysely';
import type { TenantSettings } from '../../../machines/connection/index.ts';
import type { Database } from '../../db/database.ts';

/** The row from which effects and upkeep read a tenant's settings. The context decides it. */
export async function writeSettings(
  trx: Transaction<Database>,
  tenantId: string,
  { webhookScope, webhookEvents, pollingMinutes, backfillPastDays, backfillHours }: TenantSettings,
  at: Date,
): Promise<void> {
  const values = {
    webhook_scope: webhookScope,
    webhook_events: webhookEvents,
    polling_minutes: pollingMinutes,
    backfill_past_days: backfillPastDays,
    backfill_hours: backfillHours,
    changed_at: at,
  };
  await trx
    .insertInto('tenant_settings')
    .values({ tenant_id: tenantId, ...values })
    .onConflict((conflict) => conflict.column('tenant_id').doUpdateSet(values))
    .execute();
}
