import { operator, type Rule } from '../rule.ts';

/** Events on their way from here to the host product. */
export const host: Rule[] = [
  {
    code: 'events_parked',
    verdict: 'degraded',
    headline: 'Your product did not accept events for three days. They are parked and are not sent any more.',
    next: operator('Correct what answers at EVENTS_URL, then send the parked events again.', 'resend'),
    when: ({ host: { parked } }) =>
      parked && {
        since: parked.since,
        evidence: [
          { kind: 'host_event', at: parked.since, ref: null, says: `${parked.count} parked: ${parked.error}` },
        ],
      },
  },
  {
    code: 'host_refuses',
    verdict: 'degraded',
    headline: 'Your product does not accept events. They are kept, and sent again for three days.',
    next: operator('Correct what answers at EVENTS_URL. Then all events arrive on their own, in their order.'),
    when: ({ host: { refusing } }) =>
      refusing && {
        since: refusing.since,
        evidence: [
          {
            kind: 'host_event',
            at: refusing.since,
            ref: null,
            says: `attempts: ${refusing.attempts}, the last one ended with ${refusing.error}`,
          },
        ],
      },
  },
];
