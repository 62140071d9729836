import type { Costs } from './life.ts';

/**
 * The most that one tenant may cost on one day. The figures follow from `machines/connection/delays.ts`, each wait at its shortest
 * (80 %), and leave some room: a change that needs more has to say so here.
 *
 * - A token lives two hours and is refreshed 20 to 40 minutes ahead: 14 to 18 refreshes.
 * - The webhook is looked at every 48 minutes: 30 times, 2 calls each. One back-fill: a page, and one for each event's invitees.
 * - What fails is tried again after 12 minutes at the earliest: 120 times, and some more while the waits still grow.
 * - What only somebody else can mend is looked at every 48 minutes; a sync of that kind makes up to 3 creates, with a listing each.
 * - A refresh without an answer is looked at every second for the 90 that it is in doubt: up to a dozen times, while the waits still grow.
 * - What is owed is tried every 48 minutes, too; where its access token is refused, with one refresh and a second call.
 * - A poll comes every 12 minutes: 120 back-fills; whether the plan has webhooks by now is tried every 48 minutes.
 */
export const budgets = {
  connected: { oauthCalls: 20, apiCalls: 80, historyRows: 90, effectRuns: 70 },
  polling: { oauthCalls: 20, apiCalls: 450, historyRows: 400, effectRuns: 240 },
  failing: { oauthCalls: 135, apiCalls: 320, historyRows: 430, effectRuns: 1500 },
  failingWhilePolling: { oauthCalls: 135, apiCalls: 560, historyRows: 550, effectRuns: 1600 },
  eachDebt: { oauthCalls: 75, apiCalls: 75, historyRows: 75, effectRuns: 40 },
} satisfies Record<string, Costs>;

export const budgetOf = (budget: Costs, debts: number): Costs => {
  const { eachDebt } = budgets;
  return {
    oauthCalls: budget.oauthCalls + debts * eachDebt.oauthCalls,
    apiCalls: budget.apiCalls + debts * eachDebt.apiCalls,
    historyRows: budget.historyRows + debts * eachDebt.historyRows,
    effectRuns: budget.effectRuns + debts * eachDebt.effectRuns,
  };
};

/** How long it may take until a tenant is back by itself, once Calendly is well again; a look may be 72 minutes away. */
export const BACK_WITHIN_MINUTES = { anyFailure: 75, failureOfFiveMinutes: 20 };

/** Tenants who got new tokens at the same instant are refreshed again over at least this time, and never more than a share of them in a minute. */
export const REFRESHES_SPREAD = { minutes: 15, mostInAMinute: 0.15 };

/** By how much each cost is exceeded; empty where none is. */
export function exceeded(costs: Costs, budget: Costs): string[] {
  return (Object.keys(budget) as (keyof Costs)[])
    .filter((name) => costs[name] > budget[name])
    .map((name) => `${costs[name]} ${name}, not ${budget[name]}`);
}
