import type { Facts } from '../facts.ts';
import { calendly, nobody, operator, stuck, type Found, type Rule } from '../rule.ts';

/** Fewer tenants with the same problem may be chance. */
const MANY = 5;
const WAIT = 'Wait: the service tries again at least every 15 minutes. Retry tries at once.';
const retrying = stuck.bind(null, 'error.retrying');
/** Problems of Calendly, or of the network to it, which many tenants have at the same time. */
export const SHARED_PROBLEMS = [
  'calendly_error',
  'calendly_timeout',
  'deadline_passed',
  'calendly_connection_cut',
  'calendly_unreachable',
  'rate_limited',
  'forbidden_by_proxy',
  'unexpected_redirect',
  'unreadable_answer',
];

function amongMany(facts: Facts): Found | null {
  const found = retrying(...SHARED_PROBLEMS)(facts);
  const { outage } = facts;
  return found !== null && outage !== null && outage.tenants >= MANY ? { ...found, since: outage.since } : null;
}

/** Problems that usually pass. A try is due already. */
export const calendlyProblems: Rule[] = [
  {
    code: 'calendly_fails_for_many',
    verdict: 'not_receiving',
    headline: 'Calendly {answer}, for many tenants at once.',
    next: calendly("Look at Calendly's status page and wait: the service tries again for every tenant.", 'retry'),
    when: amongMany,
  },
  {
    code: 'calendly_failing',
    verdict: 'not_receiving',
    headline: 'Calendly {answer}.',
    next: calendly(WAIT, 'retry'),
    when: retrying('calendly_error'),
  },
  {
    code: 'rate_limited',
    verdict: 'not_receiving',
    headline: 'Calendly asks for fewer requests (429).',
    next: nobody('Nothing: the service waits as long as Calendly asked, and tries again.', 'retry'),
    when: retrying('rate_limited'),
  },
  {
    code: 'calendly_silent',
    verdict: 'not_receiving',
    headline: 'Calendly does not answer in time.',
    next: calendly(WAIT, 'retry'),
    when: retrying('calendly_timeout', 'deadline_passed'),
  },
  {
    code: 'calendly_cuts_off',
    verdict: 'not_receiving',
    headline: 'The connection to Calendly breaks before its answer.',
    next: calendly(WAIT, 'retry'),
    when: retrying('calendly_connection_cut'),
  },
  {
    code: 'calendly_unreachable',
    verdict: 'not_receiving',
    headline: 'The service cannot connect to Calendly.',
    next: operator(
      'Check the network, DNS and firewall of the instances. The service tries again on its own.',
      'retry',
    ),
    when: retrying('calendly_unreachable'),
  },
  {
    code: 'blocked_by_proxy',
    verdict: 'not_receiving',
    headline: 'A proxy in front of Calendly (Cloudflare, or one of yours) answers 403.',
    next: operator(
      'Read the exchange: a proxy of yours has to let calls to Calendly pass; otherwise ask the support of Calendly.',
      'retry',
    ),
    when: retrying('forbidden_by_proxy'),
  },
  {
    code: 'redirected',
    verdict: 'not_receiving',
    headline: 'Calendly answers with a redirect.',
    next: operator(
      'Correct CALENDLY_API_BASE_URL or CALENDLY_AUTH_BASE_URL, or the proxy that redirects; then retry.',
      'retry',
    ),
    when: retrying('unexpected_redirect'),
  },
  {
    code: 'answer_unreadable',
    verdict: 'not_receiving',
    headline: 'Something other than the JSON of Calendly came back.',
    next: calendly(WAIT, 'retry'),
    when: retrying('unreadable_answer', 'endless_list'),
  },
  {
    code: 'create_in_doubt',
    verdict: 'not_receiving',
    headline:
      'It is not known whether Calendly created a webhook. The service looks for it before it creates another one.',
    next: nobody('Nothing: the service looks for it within a minute.', 'retry'),
    when: retrying('create_in_doubt', 'outcome_open'),
  },
  {
    code: 'retrying',
    verdict: 'not_receiving',
    headline: 'The last attempt failed, and another one follows.',
    next: nobody(WAIT, 'retry'),
    when: retrying(),
  },
];
