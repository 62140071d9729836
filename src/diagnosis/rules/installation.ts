import { minutesSince } from '../facts.ts';
import { nobody, operator, type Rule } from '../rule.ts';

/** An instance says every 30 s that it is running. */
const SILENT_MINUTES = 2;
/** A sweep gives lost work a new job every 30 s, so older work waits for workers. */
const OVERDUE_MINUTES = 3;

/** Problems of every tenant of this database. */
export const installation: Rule[] = [
  {
    code: 'installation_changed',
    verdict: 'not_receiving',
    headline: 'This database belongs to the installation at {address}, so this service does nothing for any tenant.',
    next: operator(
      'If the database has moved here, set ADOPT_INSTALLATION to the new PUBLIC_URL and restart. If it is a copy, do nothing.',
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
    headline: 'No instance of the service is running, so nothing arrives.',
    next: operator('Start the service. Calendly sends deliveries again, and the service fetches missed meetings.'),
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
    headline: 'A newer release has written this tenant, and this release cannot read it.',
    next: operator('Start the newer release again. Only that release can continue with this tenant.'),
    when: ({ context, since }) => (context === null ? { since } : null),
  },
  {
    code: 'work_overdue',
    verdict: 'degraded',
    headline: 'Work for this tenant is overdue, and no instance begins it.',
    next: operator('Check whether the instances run and how busy they are, and what their logs say about jobs.'),
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
    next: nobody('Nothing: the service erases it as soon as nothing of it is left at Calendly.', 'retry'),
    when: ({ eraseRequestedAt }) => (eraseRequestedAt === null ? null : { since: eraseRequestedAt }),
  },
];
