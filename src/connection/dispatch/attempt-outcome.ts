import { problemOf, type ConnectionContext, type ConnectionEvent } from '../../../machines/connection/index.ts';

export type AttemptOutcome = 'accepted' | 'denied' | 'failed';

/** The outcome of a consent attempt that this event has ended: completed, or the reason why not. */
export function attemptOutcome(
  event: ConnectionEvent,
  { candidate }: ConnectionContext,
  { grant }: ConnectionContext,
): { outcome: AttemptOutcome; reason: string | null } {
  if (candidate !== null && candidate.id === grant?.id) return { outcome: 'accepted', reason: null };
  const reason = problemOf(event)?.code ?? 'attempt_replaced';
  return { outcome: reason === 'consent_denied' ? 'denied' : 'failed', reason };
}
