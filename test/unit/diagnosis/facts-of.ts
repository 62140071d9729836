import { initialContext, type ConnectionContext } from '../../../machines/connection/context.ts';
import type { Facts } from '../../../src/diagnosis/facts.ts';

const NOW = '2026-11-28T09:00:00.000Z';
export const ago = (minutes: number): string => new Date(Date.parse(NOW) - minutes * 60_000).toISOString();

const grant = {
  id: 'grant',
  accountUri: 'https://api.calendly.com/users/A',
  organizationUri: null,
  scope: [],
  expiresAt: ago(-60),
  refreshedAt: ago(60),
  lost: false,
};

export type Change = Partial<Omit<Facts, 'context'>> & { context?: Partial<ConnectionContext> | null };

/** A tenant who is well, but for what is given. */
export function factsOf({ context, ...given }: Change): Facts {
  const usual: Partial<ConnectionContext> = { grant, delivery: 'webhooks', subscription: 'subscription' };
  return {
    tenantId: 'acme',
    now: NOW,
    place: 'connected.webhooks',
    since: ago(30),
    unwellSince: null,
    version: 7,
    eraseRequestedAt: null,
    service: { lastSeenAt: null, otherInstallation: null },
    answer: null,
    failed: { refresh: null, backfill: null },
    outage: null,
    overdue: null,
    refresh: { openSince: null, lostAnswerAt: null, failedAt: null },
    webhook: { lastDeliveryAt: ago(5), slowSince: null, slow: 0 },
    deliveries: { refused: null, unreadable: null, unapplied: null },
    host: { parked: null, refusing: null },
    run: null,
    ...given,
    context: context === null ? null : { ...initialContext({ tenantId: 'acme' }), ...usual, ...context },
  };
}

/** Stuck with that problem for two hours, of many tries the last a minute ago. */
export const stuckIn = (place: string, code: string, given: Change = {}): Change => ({
  place,
  since: ago(1),
  unwellSince: ago(120),
  ...given,
  context: {
    problem: { code, message: `Told as ${code}.`, at: ago(1), exchangeId: '00000000-0000-4000-8000-000000000001' },
    ...given.context,
  },
});
