import { placeBehind, type Facts } from '../facts.ts';
import { nobody, type Found, type Rule } from '../rule.ts';

const ENDS = 'Nothing: this step ends within three minutes. Then the service continues or tries again.';
const during =
  (place: string, holds: (facts: Facts) => boolean = () => true) =>
  (facts: Facts): Found | null =>
    placeBehind(facts) === place && holds(facts) ? { since: facts.unwellSince ?? facts.since } : null;
const isRoutine = ({ context }: Facts) => context?.routine === true;

/** A step is under way, and has a deadline. */
export const steps: Rule[] = [
  {
    code: 'refresh_in_doubt',
    verdict: 'degraded',
    headline: 'A refresh got no answer. The service sends the same token again after 90 seconds.',
    next: nobody('Nothing: the result is known within two minutes.'),
    when: ({ place, refresh: { openSince }, now }) =>
      openSince !== null && place.startsWith('refreshing') && Date.parse(now) - Date.parse(openSince) > 60_000
        ? {
            since: openSince,
            evidence: [{ kind: 'refresh', at: openSince, ref: null, says: 'sent to Calendly, without an answer' }],
          }
        : null,
  },
  {
    code: 'token_renewing',
    verdict: 'well',
    headline: 'The tokens are being refreshed. Meetings still arrive.',
    next: nobody(ENDS),
    when: during('refreshing.refreshingToken', isRoutine),
  },
  {
    code: 'reconnecting',
    verdict: 'degraded',
    headline: 'The service is trying the stored tokens.',
    next: nobody(ENDS),
    when: during('refreshing.refreshingToken'),
  },
  {
    code: 'login_checking',
    verdict: 'degraded',
    headline: 'Calendly is being asked whose account this is.',
    next: nobody(ENDS),
    when: during('refreshing.provingGrant'),
  },
  {
    code: 'webhooks_listing',
    verdict: 'degraded',
    headline: 'Calendly is being asked which webhooks there are.',
    next: nobody(ENDS),
    when: during('syncingWebhooks.listing'),
  },
  {
    code: 'webhooks_clearing',
    verdict: 'degraded',
    headline: 'A webhook that conflicts with ours is being deleted.',
    next: nobody(ENDS),
    when: during('syncingWebhooks.clearing'),
  },
  {
    code: 'webhook_creating',
    verdict: 'degraded',
    headline: 'The webhook is being created.',
    next: nobody(ENDS),
    when: during('syncingWebhooks.creating'),
  },
  {
    code: 'webhooks_retiring',
    verdict: 'well',
    headline: 'The webhook exists. Other webhooks of ours are being deleted.',
    next: nobody('Nothing: this ends within seconds.'),
    when: during('syncingWebhooks.retiring'),
  },
];
