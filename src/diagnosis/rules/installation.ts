import { minutesSince } from '../facts.ts';
import { nobody, operator, type Rule } from '../rule.ts';

/** An instance says every 30 s that it is running. */
const SILENT_MINUTES = 2;
/** A sweep gives lost work a new job every 30 s, so what is older waits for workers. */
const OVERDUE_MINUTES = 3;

/** What holds for every tenant of this database. */
export const installation: Rule[] = [
  {
    code: 'installation_changed',
    verdict: 'not_receiving',
    headline: 'This database belongs to the installation at {address}, so nothing is done here for any tenant.',
    next: operator(
      'If the database has moved here, set ADOPT_INSTALLATION to the new PUBLIC_URL and start again. If it is a copy, leave it.',
    ),
    when: ({ service: { otherInstallation } }) =>
      otherInstallation && {
        since: otherInstallation.adoptedAt,
        words: { address: otherInstallation.publicUrl },
        evidence: [
          {
            kind: 'installation',
            at: otherInstallation.adoptedAt,
            ref: otherInstallation.publicUrl,
            says: 'the installation that the database belongs to',
          },
        ],
      },
  },
  {
    code: 'service_not_running',
    verdict: 'not_receiving',
    headline: 'No instance of the service is running: nothing is received and nothing is done.',
    next: operator('Start the service. Calendly repeats what it could not deliver, and missed meetings are fetched.'),
    when: (facts) => {
      const { lastSeenAt } = facts.service;
      return lastSeenAt !== null && minutesSince(facts, lastSeenAt) > SILENT_MINUTES ? { since: lastSeenAt } : null;
    },
  },
];

export const upkeepOfService: Rule[] = [
  {
    code: 'newer_release',
    verdict: 'degraded',
    headline: 'A newer release has written this tenant, and this one cannot read it.',
    next: operator('Start the newer release again; only that one can go on with this tenant.'),
    when: ({ context, since }) => (context === null ? { since } : null),
  },
  {
    code: 'work_overdue',
    verdict: 'degraded',
    headline: 'Work for this tenant is due and nobody begins it.',
    next: operator('Look whether the instances run, how loaded they are, and what their logs say about jobs.'),
    when: (facts) => {
      const { overdue } = facts;
      if (overdue === null || minutesSince(facts, overdue.dueAt) <= OVERDUE_MINUTES) return null;
      return {
        since: overdue.dueAt,
        evidence: [{ kind: 'timer', at: overdue.dueAt, ref: overdue.what, says: `${overdue.what} was due` }],
      };
    },
  },
  {
    code: 'erasing',
    verdict: 'disconnected',
    headline: 'This tenant is being erased.',
    next: nobody('Nothing: it is erased as soon as nothing of it is left at Calendly.', 'retry'),
    when: ({ eraseRequestedAt }) => (eraseRequestedAt === null ? null : { since: eraseRequestedAt }),
  },
];
