import type { Debt, Problem } from './context.ts';

/** The life of a debt. Each function takes the list of debts and returns the changed list. */

export const subscriptionDebtId = (subscriptionId: string): string => `subscription:${subscriptionId}`;
export const grantDebtId = (grantId: string): string => `grant:${grantId}`;

/** Refusals that block a debt. The waits between them are one, two and four minutes. */
const MOST_REFUSALS = 4;

export interface Creditor {
  grantId: string;
  accountUri: string | null;
}

/** A subscription to delete. It is `held` until the outcome of its create is known. A former system's is `held` until ours stands. */
export function oweSubscription(
  debts: Debt[],
  subscriptionId: string,
  { grantId, accountUri }: Creditor,
  status: 'held' | 'trying' = 'trying',
): Debt[] {
  const id = subscriptionDebtId(subscriptionId);
  if (debts.some((debt) => debt.id === id)) return debts;
  const debt: Debt = {
    id,
    kind: 'subscription',
    grantId,
    subscriptionId,
    accountUri,
    status,
    attempts: 0,
    refusals: 0,
    problem: null,
  };
  return [...debts, debt];
}

/** Tokens to revoke and wipe, after all other debts of the grant are settled. */
export function oweGrant(debts: Debt[], { grantId, accountUri }: Creditor): Debt[] {
  const id = grantDebtId(grantId);
  if (debts.some((debt) => debt.id === id)) return debts;
  const debt: Debt = {
    id,
    kind: 'grant',
    grantId,
    subscriptionId: null,
    accountUri,
    status: 'held',
    attempts: 0,
    refusals: 0,
    problem: null,
  };
  return [...debts, debt];
}

export function settleDebt(debts: Debt[], id: string): Debt[] {
  return debts.filter((debt) => debt.id !== id);
}

export function postponeDebt(debts: Debt[], id: string, problem: Problem): Debt[] {
  return change(
    debts,
    (debt) => debt.id === id,
    (debt) => ({ status: 'waiting', attempts: debt.attempts + 1, refusals: 0, problem }),
  );
}

/** Calendly refused it. That may be temporary, so it is tried a few times; after that only a person can solve it. */
export function refuseDebt(debts: Debt[], id: string, problem: Problem): Debt[] {
  return change(
    debts,
    (debt) => debt.id === id,
    (debt) => ({
      status: debt.refusals + 1 < MOST_REFUSALS ? 'waiting' : 'blocked',
      attempts: debt.attempts + 1,
      refusals: debt.refusals + 1,
      problem,
    }),
  );
}

export function blockDebt(debts: Debt[], id: string, problem: Problem): Debt[] {
  return change(
    debts,
    (debt) => debt.id === id,
    (debt) => ({ status: 'blocked', attempts: debt.attempts + 1, problem }),
  );
}

/**
 * Tries the chosen debts, unless they are being tried or are held. A grant becomes `held` first; `releaseGrants` tries it when no
 * webhook needs it. A webhook whose grant is being revoked stays blocked, because no token is left to delete it with.
 */
export function tryDebts(debts: Debt[], chosen: (debt: Debt) => boolean): Debt[] {
  const revoking = new Set(
    debts.filter((debt) => debt.kind === 'grant' && debt.status === 'trying').map((debt) => debt.grantId),
  );
  const canBe = (debt: Debt) =>
    debt.status === 'waiting' ||
    (debt.status === 'blocked' && !(debt.kind === 'subscription' && revoking.has(debt.grantId)));
  return change(
    debts,
    (debt) => chosen(debt) && canBe(debt),
    (debt) => ({
      status: debt.kind === 'grant' ? 'held' : 'trying',
      ...(debt.status === 'blocked' ? { refusals: 0 } : {}),
    }),
  );
}

/** The step of the create is over without its answer. From now on the debt is tried by timer. */
export function releaseDraft(debts: Debt[], subscriptionId: string): Debt[] {
  return change(
    debts,
    (debt) => debt.id === subscriptionDebtId(subscriptionId) && debt.status === 'held',
    () => ({ status: 'waiting' }),
  );
}

/** For webhooks of a former system: ours stands now, or will not come. No debt is held for a create any more. */
export function tryHeld(debts: Debt[]): Debt[] {
  return change(
    debts,
    (debt) => debt.kind === 'subscription' && debt.status === 'held',
    () => ({ status: 'trying' }),
  );
}

/** Webhooks of a former system that no delete was tried for stay as they are. */
export function leaveHeld(debts: Debt[]): Debt[] {
  return debts.filter((debt) => !(debt.kind === 'subscription' && debt.status === 'held'));
}

/** Debts of older grants of the same account are settled with the new grant. */
export function takeOverDebts(debts: Debt[], { grantId, accountUri }: Creditor): Debt[] {
  const ofAccount = (debt: Debt) =>
    debt.kind === 'subscription' && accountUri !== null && debt.accountUri === accountUri;
  return tryDebts(
    change(debts, ofAccount, () => ({ grantId })),
    ofAccount,
  );
}

/** A grant is revoked after all other debts that need it, except blocked ones. */
export function releaseGrants(debts: Debt[]): Debt[] {
  const needed = new Set(
    debts.filter((debt) => debt.kind === 'subscription' && debt.status !== 'blocked').map((debt) => debt.grantId),
  );
  return change(
    debts,
    (debt) => debt.kind === 'grant' && debt.status === 'held' && !needed.has(debt.grantId),
    () => ({ status: 'trying' }),
  );
}

function change(debts: Debt[], chosen: (debt: Debt) => boolean, to: (debt: Debt) => Partial<Debt>): Debt[] {
  return debts.some(chosen) ? debts.map((debt) => (chosen(debt) ? { ...debt, ...to(debt) } : debt)) : debts;
}
