import { placeBehind, type Facts } from '../facts.ts';
import { calendly, nobody, operator, type Found, type Rule } from '../rule.ts';

const isWebhooks = (facts: Facts) => placeBehind(facts) === 'connected.webhooks';
const ofDelivery = (since: string, says: string): Found => ({
  since,
  evidence: [{ kind: 'delivery', at: since, ref: null, says }],
});
const refused =
  (...verdicts: string[]) =>
  (facts: Facts): Found | null => {
    const { refused: found } = facts.deliveries;
    if (found === null || !isWebhooks(facts) || !verdicts.includes(found.verdict.replace('refused:', ''))) return null;
    return ofDelivery(found.since, `${found.count} in the last hour: ${found.verdict}`);
  };

/** What is stored and does not become a meeting. */
export const unappliedDeliveries: Rule[] = [
  {
    code: 'deliveries_unapplied',
    verdict: 'degraded',
    headline: 'Deliveries are stored and cannot be applied.',
    next: operator(
      'Read the error in the list of deliveries. They are tried again by themselves, at most 10 minutes apart.',
    ),
    when: ({ deliveries: { unapplied } }) =>
      unapplied && ofDelivery(unapplied.since, `${unapplied.count}, the oldest with: ${unapplied.error}`),
  },
];

/** The way from Calendly to us. */
export const deliveries: Rule[] = [
  {
    code: 'clock_wrong',
    verdict: 'not_receiving',
    headline: 'Deliveries are refused because of their time of signing: the clock here is wrong.',
    next: operator(
      'Set the clock of the instances right (NTP), then resync. Calendly repeats deliveries for a day.',
      'resync',
    ),
    when: refused('timestamp_too_new', 'timestamp_too_old'),
  },
  {
    code: 'signature_wrong',
    verdict: 'not_receiving',
    headline:
      'Deliveries are refused because their signature does not fit: something on the way changes them, or they are not from Calendly.',
    next: operator(
      'Let the proxy pass bodies on byte for byte. If meetings do arrive, somebody else has learned the address: resync.',
      'resync',
    ),
    when: refused('signature_wrong', 'signature_missing', 'signature_malformed'),
  },
  {
    code: 'signing_key_missing',
    verdict: 'not_receiving',
    headline: 'Deliveries cannot be verified, because no encryption key opens the key that they are signed with.',
    next: operator('Put the missing key back into ENCRYPTION_KEYS and restart.', 'resync'),
    when: refused('no_key'),
  },
  {
    code: 'webhook_failing',
    verdict: 'degraded',
    headline: 'Calendly fails to deliver and repeats; it disables the webhook after a day of that.',
    next: operator(
      'See that PUBLIC_URL can be reached from outside and that no redirect or firewall is in the way.',
      'resync',
    ),
    when: (facts) => {
      const since = facts.context?.retryStartedAt ?? null;
      return since !== null && isWebhooks(facts) ? ofDelivery(since, 'Calendly has been repeating since then') : null;
    },
  },
  {
    code: 'deliveries_unreadable',
    verdict: 'degraded',
    headline: 'Calendly signs deliveries that are not in its format.',
    next: calendly('Look at the deliveries. The daily look fetches what they were about.'),
    when: ({ deliveries: { unreadable } }) =>
      unreadable && ofDelivery(unreadable.since, `${unreadable.count} of the latest deliveries`),
  },
  {
    code: 'polling_failing',
    verdict: 'not_receiving',
    headline: 'The plan has no webhooks, and fetching the meetings instead fails.',
    next: nobody('Nothing: it is tried again, at most 30 minutes apart. Retry does it at once.', 'resync'),
    when: (facts) => {
      const { context } = facts;
      if (context === null || placeBehind(facts) !== 'connected.polling' || context.backfill.failures === 0)
        return null;
      const at = facts.run?.updatedAt ?? facts.since;
      const says = `${context.backfill.failures} tries have failed, one after the other`;
      return { since: at, evidence: [{ kind: 'backfill', at, ref: String(context.backfill.run), says }] };
    },
  },
  {
    code: 'polling',
    verdict: 'degraded',
    headline: "The customer's plan refuses webhooks, so meetings are fetched every {minutes} minutes.",
    next: nobody(
      'Nothing. With a plan that has webhooks they are used within an hour; Resync looks at once.',
      'resync',
    ),
    when: (facts) =>
      facts.context !== null && placeBehind(facts) === 'connected.polling'
        ? { since: facts.since, words: { minutes: facts.context.pollingMinutes } }
        : null,
  },
  {
    code: 'deliveries_slow',
    verdict: 'degraded',
    headline: 'Deliveries reach us late.',
    next: calendly('Nothing here, if the figures of the service are well: Calendly sends late, or repeats.'),
    when: (facts) => {
      const { webhook } = facts;
      if (!webhook?.slowSince || !isWebhooks(facts)) return null;
      return ofDelivery(webhook.slowSince, `${webhook.slow} came late`);
    },
  },
];
