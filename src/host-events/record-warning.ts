import { createHash } from 'node:crypto';
import type { Transaction } from 'kysely';
import type { Database } from '../db/database.ts';
import { appendHostEvent } from './append-host-event.ts';
import { connectionLane, lockLanes } from './lanes.ts';

/** What a host is warned of, and what it is told. The codes are for programs and stay as they are. */
export const warnings = {
  subscription_retrying:
    'Calendly has failed to deliver for a while and will disable the webhook within a day of failures.',
  subscription_disabled: 'Calendly has disabled the webhook; a new one is being made and missed meetings are fetched.',
  subscription_missing: 'The webhook is gone at Calendly; a new one is being made and missed meetings are fetched.',
  subscription_differs: 'The webhook at Calendly is not the one that is wanted; it is being replaced.',
  plan_without_webhooks: 'The Calendly plan has no webhooks; meetings are fetched from time to time instead.',
  scope_fallback: 'The webhook covers the user only: Calendly refuses one for the organization.',
  organization_changed: 'The Calendly user has moved to another organization; the webhook is being replaced.',
  debt_blocked: 'Something is left at Calendly that only a person can remove.',
  backfill_failing: 'Missed meetings cannot be fetched; it is tried again.',
  gap_found: 'Deliveries were missed for a while; missed meetings are fetched.',
  meetings_recovered: 'Meetings were found that no delivery had told of.',
  backfill_incomplete: 'Calendly could not show some scheduled events; they are tried again, and the rest is there.',
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
   * Identifies one occurrence (the `retry_started_at` of a webhook, the id of a debt): the same warning of the same occurrence is
   * told once, however often it is noticed. Without it, every call tells.
   */
  occurrence?: string;
}

/**
 * Tells the host of something that needs no state of its own. Call it in the transaction of what was noticed: after the
 * connection's row is locked (in `dispatch`), or in one that locks no connection afterwards. Returns false if it was told before.
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
