import { actionSetup as s } from './action-setup.ts';
import type { Debt } from './context.ts';
import {
  blockDebt,
  grantDebtId,
  oweGrant,
  oweSubscription,
  postponeDebt,
  refuseDebt,
  releaseDraft,
  releaseGrants,
  settleDebt,
  tryDebts,
} from './debt-list.ts';
import { untilDebtRetry } from './delays.ts';
import type { Args, ConnectionEvent } from './events.ts';
import { problemOf } from './problem.ts';

/** Debts are what is left to undo at Calendly. They are settled while the state goes on. `debt-list.ts` has the life of a debt. */
export const debtGuards = {
  isSettling: ({ context }: Args) => context.debts.some((debt) => debt.status !== 'blocked'),
  hasDebts: ({ context }: Args) => context.debts.length > 0,
  hasThisDebt: ({ context, event }: Args) =>
    'debtId' in event && context.debts.some((debt) => debt.id === event.debtId),
  isDebtWaiting: ({ context, event }: Args) =>
    'debtId' in event && context.debts.some((debt) => debt.id === event.debtId && debt.status === 'waiting'),
};

/** The only way to change debts. A debt that is now tried gets its effect, and one that now waits gets its timer. */
export function keepDebts(decision: (args: Args) => Debt[]) {
  return s.enqueueActions(({ context, event, enqueue }) => {
    const debts = releaseGrants(decision({ context, event }));
    const before = new Map(context.debts.map((debt) => [debt.id, debt]));
    enqueue.assign({ debts });
    for (const debt of debts) {
      const former = before.get(debt.id);
      before.delete(debt.id);
      if (former?.status === debt.status && former.attempts === debt.attempts) continue;
      const timer = `debt:${debt.id}`;
      if (former?.status === 'waiting') enqueue.cancel(timer);
      if (debt.status === 'waiting') {
        enqueue.raise({ type: 'debt.due', debtId: debt.id } as ConnectionEvent, {
          id: timer,
          delay: untilDebtRetry(debt, event),
        });
      }
      if (debt.status === 'trying') enqueue(effectOf(debt));
    }
    for (const gone of before.values()) if (gone.status === 'waiting') enqueue.cancel(`debt:${gone.id}`);
  });
}

function effectOf({ id: debtId, kind, grantId, subscriptionId }: Debt) {
  return kind === 'subscription'
    ? { type: 'deleteSubscription' as const, params: { debtId, grantId, subscriptionId: subscriptionId ?? '' } }
    : { type: 'revokeGrant' as const, params: { debtId, grantId } };
}

const debtIdOf = (event: ConnectionEvent) => ('debtId' in event ? event.debtId : '');
export const settle = keepDebts(({ context: { debts }, event }) => settleDebt(debts, debtIdOf(event)));
export const postpone = keepDebts(({ context: { debts }, event }) =>
  postponeDebt(debts, debtIdOf(event), problemOf(event)!),
);
export const refuse = keepDebts(({ context: { debts }, event }) =>
  refuseDebt(debts, debtIdOf(event), problemOf(event)!),
);
export const block = keepDebts(({ context: { debts }, event }) => blockDebt(debts, debtIdOf(event), problemOf(event)!));
export const tryNow = keepDebts(({ context: { debts }, event }) =>
  tryDebts(debts, (debt) => debt.id === debtIdOf(event)),
);
/** Tries every debt that waits or is blocked. */
export const tryAllNow = keepDebts(({ context }) => tryDebts(context.debts, () => true));

/** An answer came too late for its step. The tokens or the subscription that it brings exist at Calendly, so they become debts. */
export const oweLateArrival = keepDebts(({ context: { debts, subscription }, event }) => {
  switch (event.type) {
    case 'token.issued':
    case 'token.orphaned':
      return oweGrant(debts, { grantId: event.grantId, accountUri: event.accountUri });
    case 'token.refreshed':
    case 'grant.recovered':
      return tryDebts(debts, (debt) => debt.grantId === event.grantId || debt.id === grantDebtId(event.grantId));
    case 'subscription.created': {
      if (event.subscriptionId === subscription) return debts;
      const owed = oweSubscription(debts, event.subscriptionId, event);
      return tryDebts(releaseDraft(owed, event.subscriptionId), (debt) => debt.subscriptionId === event.subscriptionId);
    }
    default:
      return debts;
  }
});
