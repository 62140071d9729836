import { actionSetup as s } from './action-setup.ts';
import type { Problem } from './context.ts';
import type { ConnectionEvent } from './events.ts';

/** The problem that an event reports, or null if it reports none. */
export function problemOf(event: ConnectionEvent): Problem | null {
  if ('problem' in event) return { ...event.problem, at: event.at };
  if ('failure' in event) {
    const { code, message, exchangeId } = event.failure;
    return { code, message, exchangeId, at: event.at };
  }
  switch (event.type) {
    case 'deadline.passed':
      return problem('deadline_passed', 'No answer came in time.', event);
    case 'consent.expired':
      return problem('consent_expired', 'Nobody answered the consent page in time.', event);
    case 'account.declined':
    case 'confirmation.expired':
      return problem('account_declined', 'The other Calendly account was declined.', event);
    default:
      return null;
  }
}

const problem = (code: string, message: string, { at }: ConnectionEvent): Problem => ({
  code,
  message,
  exchangeId: null,
  at,
});

export const noteProblem = s.assign(({ event }) => {
  const reported = problemOf(event);
  return {
    ...(reported ? { problem: reported } : {}),
    retryAfterSeconds: 'failure' in event ? event.failure.retryAfterSeconds : 0,
    missingScopes: event.type === 'permission.refused' ? event.missingScopes : [],
  };
});

export const noteUnresolvedConflict = s.assign({
  problem: ({ event }) =>
    problem('webhook_conflict', 'Calendly refuses our webhook because of another one, which is not ours.', event),
});
