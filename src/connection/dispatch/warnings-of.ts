import type { ConnectionContext, ConnectionEvent } from '../../../machines/connection/index.ts';
import type { Warning } from '../../host-events/record-warning.ts';

type Found = Pick<Warning, 'code' | 'details' | 'occurrence'> & { subscriptionId?: string };

const CHECKS = {
  disabled: 'subscription_disabled',
  missing: 'subscription_missing',
  organization_changed: 'organization_changed',
} as const;

/** The warnings that an accepted event leads to, about facts that no state shows. Pure: computed from the decision alone. */
export function warningsOf(before: ConnectionContext, after: ConnectionContext, event: ConnectionEvent): Found[] {
  return [
    ...ofSubscription(before, event),
    ...ofPlan(before, after, event),
    ...ofDebts(before, after),
    ...ofBackfill(before, after, event),
  ];
}

function ofSubscription(before: ConnectionContext, event: ConnectionEvent): Found[] {
  if (event.type !== 'subscription.checked' || event.subscriptionId !== before.subscription) return [];
  const { subscriptionId, retryStartedAt, reason } = event;
  if (event.intact) {
    return retryStartedAt === null
      ? []
      : [
          {
            code: 'subscription_retrying',
            subscriptionId,
            details: { subscriptionId, retryStartedAt },
            occurrence: `${subscriptionId} ${retryStartedAt}`,
          },
        ];
  }
  const code = CHECKS[reason as keyof typeof CHECKS] ?? 'subscription_differs';
  return [{ code, subscriptionId, details: { subscriptionId, reason }, occurrence: subscriptionId }];
}

function ofPlan(before: ConnectionContext, after: ConnectionContext, event: ConnectionEvent): Found[] {
  if (event.type !== 'permission.refused') return [];
  if (after.delivery === 'polling' && before.delivery !== 'polling') return [{ code: 'plan_without_webhooks' }];
  if (after.draft !== null && after.draft.id !== before.draft?.id)
    return [{ code: 'scope_fallback', details: { scope: after.draft.scope } }];
  return [];
}

function ofDebts(before: ConnectionContext, after: ConnectionContext): Found[] {
  const blocked = new Set(before.debts.filter((debt) => debt.status === 'blocked').map((debt) => debt.id));
  return after.debts
    .filter((debt) => debt.status === 'blocked' && !blocked.has(debt.id))
    .map(({ id, kind, problem }) => ({ code: 'debt_blocked', details: { debtId: id, kind, problem }, occurrence: id }));
}

/** A single failure often passes, so only a back-fill that fails repeatedly gives a warning. */
const FAILURES_WORTH_A_WORD = 3;

function ofBackfill(before: ConnectionContext, after: ConnectionContext, event: ConnectionEvent): Found[] {
  const { run, failures } = after.backfill;
  if (event.type === 'backfill.completed') return ofCompletion(before, event);
  if (event.type === 'gap.noticed')
    return [{ code: 'gap_found', details: { since: event.since }, occurrence: event.since }];
  if (failures !== FAILURES_WORTH_A_WORD || before.backfill.failures === failures) return [];
  return [{ code: 'backfill_failing', details: { run, failures }, occurrence: String(run) }];
}

/** Only the daily run warns of meetings that were missed. Other runs follow a warning of their own, or look for nothing missed. */
function ofCompletion(
  { backfill }: ConnectionContext,
  { run, recovered, skipped = 0 }: Extract<ConnectionEvent, { type: 'backfill.completed' }>,
): Found[] {
  if (run !== backfill.run) return [];
  return [
    ...(recovered > 0 && backfill.reason === 'daily'
      ? [
          {
            code: 'meetings_recovered',
            details: { run, recovered, reason: backfill.reason },
            occurrence: String(run),
          } as const,
        ]
      : []),
    // Warn once, and again only after a complete run.
    ...(skipped > 0 && backfill.incomplete === 0
      ? [{ code: 'backfill_incomplete', details: { run, skipped }, occurrence: String(run) } as const]
      : []),
  ];
}
