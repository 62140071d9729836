import { createHash } from 'node:crypto';
import type { Transaction } from 'kysely';
import type { Database } from '../db/database.ts';
import { appendHostEvent } from './append-host-event.ts';
import { connectionLane, lockLanes } from './lanes.ts';

/** The warnings that a host can get, with their texts. The codes are for programs and never change. */
export const warnings = {
  subscription_retrying: 'Calendly cannot deliver. After a day without success it will disable the webhook.',
  subscription_disabled:
    'Calendly has disabled the webhook. The service creates a new one and fetches missed meetings.',
  subscription_missing:
    'The webhook was deleted at Calendly. The service creates a new one and fetches missed meetings.',
  subscription_differs: 'The webhook at Calendly is not as it should be. The service replaces it.',
  plan_without_webhooks: 'The Calendly plan has no webhooks. The service fetches meetings regularly instead.',
  scope_fallback: 'The webhook is only for the user, because Calendly refuses one for the organization.',
  organization_changed: 'The Calendly user has moved to another organization. The service replaces the webhook.',
  debt_blocked: 'Something is left at Calendly, and only a person can remove it.',
  backfill_failing: 'Missed meetings cannot be fetched. The service tries again.',
  gap_found: 'Deliveries may have been missed. The service fetches missed meetings.',
  meetings_recovered: 'The service found meetings that no delivery had brought.',
  backfill_incomplete:
    'Calendly could not show some scheduled events. The service tries them again. All others are here.',
} as const;
export type WarningCode = keyof typeof warnings;

export interface Warning {
  tenantId: string;
  code: WarningCode;
  at: Date;
  /** For a person; without it, the usual text of the code. No secret. */
  message?: string;
  /** Facts for a program: ids, URIs, times. No secret. */
  details?: Readonly<Record<string, unknown>>;
  /**
   * Identifies one occurrence, such as the `retry_started_at` of a webhook or the id of a debt. The same warning of the same occurrence is
   * told once, however often it is noticed. Without it, every call tells.
   */
  occurrence?: string;
}

/**
 * Tells the host something for which there is no state. Call it in the transaction of what was noticed: after the connection's row is
 * locked (in `dispatch`), or in one that locks no connection afterwards. Returns false if it was told before.
 */
export async function recordWarning(
  trx: Transaction<Database>,
  { tenantId, code, at, message, details, occurrence }: Warning,
): Promise<boolean> {
  const lanes = [connectionLane(tenantId)];
  await lockLanes(trx, lanes);
  return appendHostEvent(trx, {
    ...(occurrence === undefined ? {} : { id: idOf([tenantId, code, occurrence]) }),
    type: 'connection.warning',
    at,
    tenantId,
    lanes,
    data: { code, message: message ?? warnings[code], details: details ?? {} },
  });
}

/** A UUID (version 8) computed from these parts. */
function idOf(parts: string[]): string {
  const bytes = createHash('sha256')
    .update(JSON.stringify(['connection.warning', ...parts]))
    .digest()
    .subarray(0, 16);
  bytes[6] = (bytes[6]! & 0x0f) | 0x80;
  bytes[8] = (bytes[8]! & 0x3f) | 0x80;
  return bytes.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
}
