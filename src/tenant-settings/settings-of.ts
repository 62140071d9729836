import type { Kysely } from 'kysely';
import { NO_SETTINGS, type TenantSettings } from '../../machines/connection/index.ts';
import type { Database } from '../db/database.ts';
import { effectiveSettings, type DeploymentSettings, type EffectiveSettings } from './effective-settings.ts';

/** What the host wants for this tenant instead of the deployment's settings. */
export async function ownSettingsOf(db: Kysely<Database>, tenantId: string): Promise<TenantSettings> {
  const row = await db.selectFrom('tenant_settings').selectAll().where('tenant_id', '=', tenantId).executeTakeFirst();
  if (row === undefined) return NO_SETTINGS;
  return {
    webhookScope: row.webhook_scope as TenantSettings['webhookScope'],
    webhookEvents: row.webhook_events,
    pollingMinutes: row.polling_minutes,
    backfillPastDays: row.backfill_past_days,
    backfillHours: row.backfill_hours,
  };
}

/** What holds for this tenant now. Read anew each time, so that a change needs no restart. */
export async function settingsOf(
  { db, deployment }: { db: Kysely<Database>; deployment: DeploymentSettings },
  tenantId: string,
): Promise<EffectiveSettings> {
  return effectiveSettings(deployment, await ownSettingsOf(db, tenantId));
}
