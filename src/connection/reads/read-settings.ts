import type { Kysely } from 'kysely';
import type { TenantSettings } from '../../../machines/connection/index.ts';
import type { Database } from '../../db/database.ts';
import { effectiveSettings, type DeploymentSettings } from '../../tenant-settings/effective-settings.ts';
import { ownSettingsOf } from '../../tenant-settings/settings-of.ts';
import { assertKnown } from './assert-known.ts';

export interface SettingsView {
  /** What was set for this tenant; null: as the deployment has it. */
  settings: TenantSettings;
  /** What holds. */
  effective: { [Name in keyof TenantSettings]: NonNullable<TenantSettings[Name]> };
}

/** The settings of a tenant. Throws `tenant_unknown`. */
export async function readSettings(
  { db, deployment }: { db: Kysely<Database>; deployment: DeploymentSettings },
  tenantId: string,
): Promise<SettingsView> {
  await assertKnown(db, tenantId);
  const settings = await ownSettingsOf(db, tenantId);
  const { webhooks, pollingMinutes, backfillPastDays, backfillHours } = effectiveSettings(deployment, settings);
  const { scope: webhookScope, events } = webhooks;
  return {
    settings,
    effective: { webhookScope, webhookEvents: [...events], pollingMinutes, backfillPastDays, backfillHours },
  };
}
