import { actionSetup as s, startTimer } from './action-setup.ts';
import type { ConnectionContext } from './context.ts';
import type { EffectParams } from './effects.ts';
import type { Args, ConnectionEvent } from './events.ts';

/**
 * A back-fill reads the account's meetings at Calendly. No state waits for it. Only one run is under way at a time, and it is always
 * finished: a run that is asked for meanwhile follows it.
 */
type Backfill = ConnectionContext['backfill'];
type Reason = EffectParams<'backfillMeetings'>['reason'];

const isUnderWay = ({ state }: Backfill): boolean => state === 'running' || state === 'waiting';

export const backfillGuards = {
  isThisBackfill: ({ context, event }: Args) =>
    'run' in event && event.run === context.backfill.run && context.grant !== null,
  isBackfillUnderWay: ({ context }: Args) => isUnderWay(context.backfill),
};

const begin = (cause: Reason) =>
  s.enqueueActions(({ context: { grant, backfill }, enqueue }) => {
    if (grant === null || grant.lost) return;
    const run = backfill.run + 1;
    // Before the first complete run nothing was known, so nothing that a run finds counts as missed.
    const reason =
      backfill.state === 'none' || (backfill.reason === 'first' && backfill.state !== 'done') ? 'first' : cause;
    enqueue.assign({ backfill: { ...backfill, run, state: 'running', reason, failures: 0, again: null } });
    enqueue.cancel('backfill');
    enqueue({ type: 'backfillMeetings', params: { grantId: grant.id, run, reason } });
  });

/** Begins a run. If a run is under way and may already have read past what was missed, another one follows it. */
const request = (cause: 'resubscribed' | 'gap' | 'daily', mayBeMissed: (context: ConnectionContext) => boolean) =>
  s.enqueueActions(({ context, enqueue }) => {
    if (!isUnderWay(context.backfill)) {
      enqueue(begin(cause));
      return;
    }
    if (mayBeMissed(context))
      enqueue.assign({ backfill: { ...context.backfill, again: context.backfill.again ?? cause } });
    // Calendly has just answered, so a run that waits for that goes on at once.
    if (context.backfill.state === 'waiting' && cause === 'resubscribed') {
      enqueue(stopResumeTimer);
      enqueue(resume);
    }
  });

/** Deliveries may have been missed before a new webhook was created. A webhook that was kept has missed nothing. */
export const afterSync = request('resubscribed', ({ creates }) => creates > 0);
export const afterGap = request('gap', () => true);
export const daily = request('daily', () => false);
export const poll = begin('poll');

/** Continues a run that was interrupted, or reads again what Calendly could not show. */
export const resume = s.enqueueActions(({ context: { grant, backfill }, enqueue }) => {
  if (grant === null) return;
  if (backfill.state === 'done') {
    // A lost grant cannot read anything. The first run after the next consent reads what was left out.
    if (grant.lost) enqueue.assign({ backfill: { ...backfill, incomplete: 0 } });
    else if (backfill.incomplete > 0) enqueue(begin('skipped'));
    return;
  }
  const { run, reason } = backfill;
  enqueue.assign({ backfill: { ...backfill, state: 'running' } });
  enqueue({ type: 'backfillMeetings', params: { grantId: grant.id, run, reason } });
});

export const postpone = s.assign({
  backfill: ({ context: { backfill } }) => ({
    ...backfill,
    state: 'waiting' as const,
    failures: backfill.failures + 1,
  }),
});

export const finish = s.enqueueActions(({ context: { grant, backfill }, event, enqueue }) => {
  // With a lost grant no run follows. The first run after the next consent reads what was left out.
  const incomplete = skippedBy(event) > 0 && grant?.lost === false ? backfill.incomplete + 1 : 0;
  enqueue.assign({ backfill: { ...backfill, state: 'done', failures: 0, again: null, incomplete }, renewed: false });
  enqueue.cancel('backfill');
  if (backfill.again !== null) enqueue(begin(backfill.again));
  else if (incomplete > 0) enqueue(startDueTimer('untilSkippedAreTried'));
});

const skippedBy = (event: ConnectionEvent): number => (event.type === 'backfill.completed' ? (event.skipped ?? 0) : 0);

const startDueTimer = (delay: 'untilBackfill' | 'untilSkippedAreTried') =>
  startTimer('backfill', ({ backfill }) => ({ type: 'backfill.due', run: backfill.run }), delay);
export const startResumeTimer = startDueTimer('untilBackfill');
export const stopResumeTimer = s.cancel('backfill');

/** The new run number makes late answers about the former account's back-fill stale. */
export function forget({ backfill }: ConnectionContext): Backfill {
  return { run: backfill.run + 1, state: 'none', reason: 'first', failures: 0, again: null, incomplete: 0 };
}
