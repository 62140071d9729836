import type { TimerEvent } from '../../../machines/connection/index.ts';
import type { CasesFor, EventCase } from './case.ts';
import { MUCH_LATER } from './payloads.ts';
import type { Moment } from '../moment.ts';

type Fenced = Extract<TimerEvent, { generation: number }>['type'];

/** A timer of this entry, and one of an entry before. */
function fenced<T extends Fenced>(type: T, words: string, moreLater: [string, number][] = []) {
  const due = (generation: number) => ({ type, generation }) as EventCase<T>['event'];
  return ({ context: { generation } }: Moment): EventCase<T>[] => [
    { says: words, event: due(generation) },
    ...moreLater.map(([when, after]) => ({ says: `${words} ${when}`, event: due(generation), after })),
    { says: `${words}, of an earlier step`, event: due(generation - 1), stray: true },
  ];
}

export const timerCases: CasesFor<TimerEvent> = {
  'consent.expired': fenced('consent.expired', 'consent expired'),
  'confirmation.expired': fenced('confirmation.expired', 'confirmation expired'),
  'deadline.passed': fenced('deadline.passed', 'deadline passed', [['after the token ended', MUCH_LATER]]),
  'retry.due': fenced('retry.due', 'retry due', [['after the token ended', MUCH_LATER]]),
  'recheck.due': fenced('recheck.due', 'recheck due', [['after the token ended', MUCH_LATER]]),
  'poll.due': () => [{ says: 'poll due', event: { type: 'poll.due' } }],
  'plan.due': () => [{ says: 'plan due', event: { type: 'plan.due' } }],
  'watch.due': () => [{ says: 'watch due', event: { type: 'watch.due' } }],
  'refresh.due': () => [{ says: 'refresh due', event: { type: 'refresh.due' } }],
  'backfill.due': ({
    context: {
      backfill: { run, state, incomplete },
    },
  }) => [
    {
      says: 'back-fill due',
      event: { type: 'backfill.due', run },
      ...(state === 'waiting' || (state === 'done' && incomplete > 0) ? {} : { stray: true }),
    },
    { says: 'back-fill due, of an earlier run', event: { type: 'backfill.due', run: run - 1 }, stray: true },
  ],
  'debt.due': ({ context: { debts } }) => [
    ...debts
      .filter((debt) => debt.status === 'waiting')
      .map(
        (debt) =>
          ({ says: `debt ${debts.indexOf(debt) + 1} due`, event: { type: 'debt.due', debtId: debt.id } }) as const,
      ),
    ...debts
      .filter((debt) => debt.status !== 'waiting')
      .map(
        (debt) =>
          ({
            says: `debt ${debts.indexOf(debt) + 1} due though it does not wait`,
            event: { type: 'debt.due', debtId: debt.id },
            stray: true,
          }) as const,
      ),
    { says: 'unknown debt due', event: { type: 'debt.due', debtId: 'grant:unknown' }, stray: true },
  ],
};
