import type { ConnectionContext } from './context.ts';

/** What the former account's back-fill still has to say is of a run that is over. */
export function forgetBackfill({ backfill }: ConnectionContext): ConnectionContext['backfill'] {
  return { run: backfill.run + 1, state: 'none', reason: 'first', failures: 0, again: null, incomplete: 0 };
}
