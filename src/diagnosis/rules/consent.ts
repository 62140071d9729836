import { placeBehind, type Facts } from '../facts.ts';
import { answerOf, at, customer, evidenceOfProblem, nobody, type Found, type Rule } from '../rule.ts';

const awaiting =
  (holds: (behind: string) => boolean) =>
  (facts: Facts): Found | null =>
    facts.place === 'authorizing.awaitingConsent' && holds(placeBehind(facts)) ? { since: facts.since } : null;
const connected = (behind: string) => behind.startsWith('connected');

/** A person decides at Calendly, or another system's tokens are looked at. */
export const consent: Rule[] = [
  {
    code: 'consent_awaited',
    verdict: 'disconnected',
    headline: 'The customer was sent to Calendly to allow the connection, and has not answered yet.',
    next: customer(
      'Open the connect link and allow it. The link lasts 30 minutes; connect makes a new one.',
      'connect',
    ),
    when: awaiting((behind) => behind === 'disconnected.idle'),
  },
  {
    code: 'consent_awaited_again',
    verdict: 'not_receiving',
    headline: 'The customer was asked to connect again, and has not answered yet.',
    next: customer(
      'Open the connect link and allow it. The link lasts 30 minutes; connect makes a new one.',
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
    code: 'account_unconfirmed',
    verdict: 'degraded',
    headline: 'The customer signed in to Calendly with an account that nobody has confirmed yet.',
    next: customer('Confirm or decline the account on the page that is open, within 15 minutes.', 'connect'),
    when: at('authorizing.confirmingAccount'),
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
