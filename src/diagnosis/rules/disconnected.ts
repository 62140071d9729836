import type { Facts } from '../facts.ts';
import { calendly, customer, evidenceOfProblem, nobody, operator, type Found, type Rule } from '../rule.ts';

const after =
  (...codes: string[]) =>
  (facts: Facts): Found | null =>
    facts.place.startsWith('disconnected') && codes.includes(facts.context?.problem?.code ?? '')
      ? { since: facts.context?.problem?.at ?? facts.since, evidence: evidenceOfProblem(facts) }
      : null;
const isIn = ({ place }: Facts) => place.startsWith('disconnected');
const owes = ({ context }: Facts) => (context?.debts.length ?? 0) > 0;
const AGAIN = 'Connect again.';

/** The tenant is not connected, and why. */
export const disconnected: Rule[] = [
  {
    code: 'consent_denied',
    verdict: 'disconnected',
    headline: 'The customer did not allow the connection.',
    next: customer('Connect again and allow it.', 'connect'),
    when: after('consent_denied'),
  },
  {
    code: 'consent_expired',
    verdict: 'disconnected',
    headline: 'The customer was asked to connect and did not answer in time.',
    next: customer(AGAIN, 'connect'),
    when: after('consent_expired'),
  },
  {
    code: 'account_declined',
    verdict: 'disconnected',
    headline: 'Another Calendly account signed in, and it was declined.',
    next: customer('Connect again with the right account.', 'connect'),
    when: after('account_declined'),
  },
  {
    code: 'client_rejected_at_consent',
    verdict: 'disconnected',
    headline: 'The customer allowed the connection, but Calendly refused our client id or secret.',
    next: operator(
      'Correct CALENDLY_CLIENT_ID and CALENDLY_CLIENT_SECRET, restart, then let the customer connect.',
      'connect',
    ),
    when: after('client_rejected'),
  },
  {
    code: 'code_refused',
    verdict: 'disconnected',
    headline: 'Calendly refused the code of the consent: it was used, or is older than 10 minutes.',
    next: customer(AGAIN, 'connect'),
    when: after('code_refused', 'consent_attempt_gone', 'consent_failed', 'grant_wiped'),
  },
  {
    code: 'consent_came_to_nothing',
    verdict: 'disconnected',
    headline: 'The customer allowed the connection, but then Calendly failed.',
    next: customer('Connect again when Calendly works.', 'connect'),
    when: (facts) => (isIn(facts) && facts.context?.problem ? after(facts.context.problem.code)(facts) : null),
  },
  {
    code: 'disconnected_owing',
    verdict: 'disconnected',
    headline: 'The tenant is disconnected, but something of ours is still left at Calendly.',
    next: calendly('Wait: the service tries again on its own. Retry tries at once.', 'retry'),
    when: (facts) => (isIn(facts) && owes(facts) ? { since: facts.since } : null),
  },
  {
    code: 'never_connected',
    verdict: 'disconnected',
    headline: 'This tenant was never connected.',
    next: customer('Connect.', 'connect'),
    when: (facts) => (isIn(facts) && facts.version === 0 ? { since: facts.since } : null),
  },
  {
    code: 'disconnected',
    verdict: 'disconnected',
    headline: 'The tenant is disconnected because somebody asked for it.',
    next: nobody('Nothing. Connect if you want meetings again.', 'connect'),
    when: (facts) => (isIn(facts) ? { since: facts.since } : null),
  },
];
