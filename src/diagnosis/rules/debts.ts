import type { Debt } from '../../../machines/connection/index.ts';
import type { Facts } from '../facts.ts';
import { nobody, operator, type Found, type Rule } from '../rule.ts';

const owed =
  (holds: (debt: Debt) => boolean) =>
  (facts: Facts): Found | null => {
    const debts = facts.context?.debts.filter(holds) ?? [];
    if (debts.length === 0) return null;
    const times = debts.map(({ problem }) => problem?.at ?? facts.since).sort();
    return {
      since: times[0]!,
      evidence: debts.slice(0, 5).map(({ id, kind, attempts, problem }) => ({
        kind: 'debt',
        at: problem?.at ?? null,
        ref: id,
        says: `${kind === 'subscription' ? 'a webhook' : 'tokens'}, ${attempts} attempts${problem === null ? '' : `: ${problem.message}`}`,
      })),
    };
  };

/** What is left to undo at Calendly. It does not keep meetings from arriving. */
export const debts: Rule[] = [
  {
    code: 'debt_blocked',
    verdict: 'degraded',
    headline: 'Something of ours is left at Calendly, and only a person can remove it.',
    next: operator(
      'Let the customer connect the same Calendly account again, or remove the webhook or the app in that account. Then retry.',
      'retry',
    ),
    when: owed(({ status }) => status === 'blocked'),
  },
  {
    code: 'debt_waiting',
    verdict: 'degraded',
    headline: 'Something of ours is left at Calendly. The service could not remove it yet.',
    next: nobody('Nothing: the service tries again at least every hour. Retry tries at once.', 'retry'),
    when: owed(({ status, problem }) => status === 'waiting' && problem !== null),
  },
  {
    code: 'debts_settling',
    verdict: 'well',
    headline: 'What is no longer needed at Calendly is being removed.',
    next: nobody(),
    when: owed(() => true),
  },
];
