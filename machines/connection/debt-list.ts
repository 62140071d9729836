import type { Debt, Problem } from './context.ts';

/** The lifecycle of debts as plain functions over the list: each returns the list as it is afterwards. */

export const subscriptionDebtId = (subscriptionId: string): string => `subscription:${subscriptionId}`;
export const grantDebtId = (grantId: string): string => `grant:${grantId}`;

/** One, two and four minutes after each other: some seven minutes in all. */
const MOST_REFUSALS = 4;

export interface Creditor {
  grantId: string;
  accountUri: string | null;
}

/** A subscription to delete. `held` while the outcome of its create is still to come. */
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

/** Tokens to revoke and wipe, once nothing else needs them. */
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

/** Calendly will not do it. It may have changed its mind in a minute; after a few such answers only a person can mend it. */
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
 * Tries the chosen debts now, unless they are being tried or must wait. A grant is held first: `releaseGrants` lets go of it when no
 * webhook needs it. A webhook whose grant is just being revoked stays blocked: there is nothing left to delete it with.
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

/** The create's outcome will not come to its own step any more: the debt works itself off from here. */
export function releaseDraft(debts: Debt[], subscriptionId: string): Debt[] {
  return change(
    debts,
    (debt) => debt.id === subscriptionDebtId(subscriptionId) && debt.status === 'held',
    () => ({ status: 'waiting' }),
  );
}

/** A new grant of the same account settles what older grants of that account still owe. */
export function takeOverDebts(debts: Debt[], { grantId, accountUri }: Creditor): Debt[] {
  const ofAccount = (debt: Debt) =>
    debt.kind === 'subscription' && accountUri !== null && debt.accountUri === accountUri;
  return tryDebts(
    change(debts, ofAccount, () => ({ grantId })),
    ofAccount,
  );
}

/** Grants are revoked last: when no debt that could still be settled needs them. */
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
