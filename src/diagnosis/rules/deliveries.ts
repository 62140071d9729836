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

/** Deliveries that are stored and do not become meetings. */
export const unappliedDeliveries: Rule[] = [
  {
    code: 'deliveries_unapplied',
    verdict: 'degraded',
    headline: 'Deliveries are stored, but cannot be applied.',
    next: operator('Read the error in the list of deliveries. The service tries again at least every 10 minutes.'),
    when: ({ deliveries: { unapplied } }) =>
      unapplied && ofDelivery(unapplied.since, `${unapplied.count}, the oldest with: ${unapplied.error}`),
  },
];

/** Deliveries on their way from Calendly to us. */
export const deliveries: Rule[] = [
  {
    code: 'clock_wrong',
    verdict: 'not_receiving',
    headline: 'Deliveries are refused because of the time in their signature: the clock of the service is wrong.',
    next: operator(
      'Correct the clock of the instances (NTP), then resync. Calendly repeats deliveries for a day.',
      'resync',
    ),
    when: refused('timestamp_too_new', 'timestamp_too_old'),
  },
  {
    code: 'signature_wrong',
    verdict: 'degraded',
    headline: 'Deliveries with a wrong signature are refused: a proxy changes them, or they are not from Calendly.',
    next: operator(
      'If no meeting arrives: let the proxy pass bodies unchanged. If meetings arrive, somebody else sends to this address.',
      'resync',
    ),
    when: refused('signature_wrong', 'signature_missing', 'signature_malformed'),
  },
  {
    code: 'signing_key_missing',
    verdict: 'not_receiving',
    headline: 'Deliveries cannot be verified, because no key in ENCRYPTION_KEYS opens their signing key.',
    next: operator('Add the missing key to ENCRYPTION_KEYS and restart.', 'resync'),
    when: refused('no_key'),
  },
  {
    code: 'webhook_failing',
    verdict: 'degraded',
    headline: 'Calendly cannot deliver and tries again. After a day without success it disables the webhook.',
    next: operator(
      'Make sure that PUBLIC_URL can be reached from outside, without a redirect, and that no firewall blocks it.',
      'resync',
    ),
    when: (facts) => {
      const since = facts.context?.retryStartedAt ?? null;
      return since !== null && isWebhooks(facts)
        ? ofDelivery(since, 'Calendly has been trying again since then')
        : null;
    },
  },
  {
    code: 'deliveries_unreadable',
    verdict: 'degraded',
    headline: "Deliveries with a right signature are not in Calendly's format.",
    next: calendly('Read the deliveries. The daily back-fill fetches the meetings that they were about.'),
    when: ({ deliveries: { unreadable } }) =>
      unreadable && ofDelivery(unreadable.since, `${unreadable.count} of the latest deliveries`),
  },
  {
    code: 'polling_failing',
    verdict: 'not_receiving',
    headline: 'The plan has no webhooks, and the service cannot fetch the meetings instead.',
    next: nobody('Nothing: the service tries again at least every 30 minutes. Resync tries at once.', 'resync'),
    when: (facts) => {
      const { context } = facts;
      if (context === null || placeBehind(facts) !== 'connected.polling' || context.backfill.failures === 0)
        return null;
      const at = facts.run?.updatedAt ?? facts.since;
      const says = `failed attempts in a row: ${context.backfill.failures}`;
      return { since: at, evidence: [{ kind: 'backfill', at, ref: String(context.backfill.run), says }] };
    },
  },
  {
    code: 'polling',
    verdict: 'degraded',
    headline: "The customer's plan refuses webhooks, so meetings are fetched every {minutes} minutes.",
    next: nobody(
      'Nothing. If the plan gets webhooks, the service uses them within an hour. Resync checks at once.',
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
    headline: 'Deliveries arrive late.',
    next: calendly('Nothing, if the metrics of the service are normal: Calendly sends late or repeats.'),
    when: (facts) => {
      const { webhook } = facts;
      if (!webhook?.slowSince || !isWebhooks(facts)) return null;
      return ofDelivery(webhook.slowSince, `${webhook.slow} came late`);
    },
  },
];
