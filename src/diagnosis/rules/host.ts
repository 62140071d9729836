import { operator, type Rule } from '../rule.ts';

/** The way from here to the product that asked for the meetings. */
export const host: Rule[] = [
  {
    code: 'events_parked',
    verdict: 'degraded',
    headline: 'Your product did not take events for three days; they are parked, and sent no more.',
    next: operator('Mend what takes the events at EVENTS_URL, then send the parked ones again.', 'resend'),
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
    headline: 'Your product does not take the events: the meetings are here, and it is not told of them.',
    next: operator('Look at what answers at EVENTS_URL. Events are sent again by themselves for three days.'),
    when: ({ host: { refusing } }) =>
      refusing && {
        since: refusing.since,
        evidence: [
          { kind: 'host_event', at: refusing.since, ref: null, says: `${refusing.attempts} tries: ${refusing.error}` },
        ],
      },
  },
];
