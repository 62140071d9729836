import { placeBehind, type Facts } from '../facts.ts';
import { answerOf, at, customer, evidenceOfProblem, nobody, type Found, type Rule } from '../rule.ts';

const during =
  (place: string) =>
  (holds: (behind: string) => boolean) =>
  (facts: Facts): Found | null =>
    facts.place === place && holds(placeBehind(facts)) ? { since: facts.since } : null;
const awaiting = during('authorizing.awaitingConsent');
const confirming = during('authorizing.confirmingAccount');
const connected = (behind: string) => behind.startsWith('connected');

/** A person decides at Calendly, or another system's tokens are looked at. */
export const consent: Rule[] = [
  {
    code: 'consent_awaited',
    verdict: 'disconnected',
    headline: 'The customer got a connect link, and has not allowed the connection yet.',
    next: customer(
      'The customer opens the link and allows the connection. It lasts 30 minutes; connect makes a new one.',
      'connect',
    ),
    when: awaiting((behind) => behind === 'disconnected.idle'),
  },
  {
    code: 'consent_awaited_again',
    verdict: 'not_receiving',
    headline: 'The customer got a link to connect again, and has not allowed the connection yet.',
    next: customer(
      'The customer opens the link and allows the connection. It lasts 30 minutes; connect makes a new one.',
      'connect',
    ),
    when: awaiting((behind) => behind !== 'disconnected.idle' && !connected(behind)),
  },
  {
    code: 'switch_awaited',
    verdict: 'well',
    headline: 'Another consent is awaited. Until then, meetings of the present account still arrive.',
    next: nobody('Nothing, unless you want the other account: then the customer allows it at Calendly.'),
    when: awaiting(connected),
  },
  {
    code: 'switch_unconfirmed',
    verdict: 'well',
    headline:
      'The customer signed in with another Calendly account. Until they confirm it, meetings of the present one arrive.',
    next: nobody('Nothing: the customer answers the question in their browser within 15 minutes.'),
    when: confirming(connected),
  },
  {
    code: 'account_unconfirmed',
    verdict: 'not_receiving',
    headline:
      'The customer signed in with another Calendly account than before, and has not said whether it is the right one.',
    next: customer(
      'The customer answers the question in their browser within 15 minutes. If the page is gone: connect.',
      'connect',
    ),
    when: confirming((behind) => !connected(behind)),
  },
  {
    code: 'consent_completing',
    verdict: 'degraded',
    headline: 'The customer has just allowed the connection. Tokens and account are being fetched.',
    next: nobody('Nothing: this ends within three minutes.'),
    when: (facts) => at('authorizing.exchangingCode')(facts) ?? at('authorizing.identifyingAccount')(facts),
  },
  {
    code: 'import_completing',
    verdict: 'degraded',
    headline: 'Tokens of another system are being imported. Calendly is asked whose they are.',
    next: nobody('Nothing: this ends within three minutes.'),
    when: (facts) => at('authorizing.provingImport')(facts) ?? at('authorizing.refreshingImport')(facts),
  },
  {
    code: 'import_retrying',
    verdict: 'not_receiving',
    headline: 'Tokens of another system are being imported, but Calendly {answer}. The service tries again.',
    next: nobody('Nothing, if Calendly recovers: the tokens are kept meanwhile.', 'retry'),
    when: (facts) =>
      facts.place === 'authorizing.retryingImport'
        ? { since: facts.since, words: { answer: answerOf(facts) }, evidence: evidenceOfProblem(facts) }
        : null,
  },
];
