import type { TenantSettings } from '../../../machines/connection/index.ts';
import { ProblemError } from '../../errors.ts';
import { effectiveSettings, faultOf } from '../../tenant-settings/effective-settings.ts';
import type { Cause } from '../dispatch/cause.ts';
import { dispatch, ensureConnection } from '../dispatch/dispatch.ts';
import { inTenantTransaction } from '../dispatch/in-tenant-transaction.ts';
import { lockConnection } from '../dispatch/lock-connection.ts';
import { readSnapshot } from '../reads/accepted-commands.ts';
import { assertMayAct } from './assert-may-act.ts';
import type { CommandDeps } from './command-deps.ts';
import { isAnswered, waitUntil } from './wait-until.ts';

/**
 * Replaces all settings of a tenant, also of one that is not connected yet: its first webhook is made with them. The same settings again
 * do nothing. `settled: false`: the webhook is still being made anew when the wait is over. Throws `request_invalid` and changes nothing
 * if Calendly would refuse such a webhook.
 */
export async function changeSettings(
  deps: CommandDeps,
  {
    tenantId,
    settings,
    waitSeconds,
    cause,
  }: { tenantId: string; settings: TenantSettings; waitSeconds: number; cause: Cause },
): Promise<{ settled: boolean }> {
  assertMayAct(deps);
  const fault = faultOf(deps.deployment, settings);
  if (fault !== null) throw new ProblemError('request_invalid', fault);
  const { pollingMinutes } = effectiveSettings(deps.deployment, settings);
  const version = await inTenantTransaction(deps, tenantId, async (trx) => {
    await ensureConnection(trx, deps, tenantId, cause);
    await lockConnection(trx, tenantId);
    const now = await readSnapshot(trx, tenantId);
    if (now !== undefined && isSame(now.snapshot.context.settings, settings)) return now.version;
    return (await dispatch(trx, deps, tenantId, { type: 'configure', settings, pollingMinutes }, cause)).version;
  });
  const settled = await waitUntil(deps.changes, tenantId, waitSeconds, () => isAnswered(deps.db, tenantId, version));
  return { settled: settled === true };
}

const isSame = (one: TenantSettings, other: TenantSettings): boolean =>
  (Object.keys(other) as (keyof TenantSettings)[]).every(
    (name) => JSON.stringify(one[name]) === JSON.stringify(other[name]),
  );
