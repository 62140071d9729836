import type { Fact } from '../../../machines/connection/index.ts';
import type { Moment } from '../moment.ts';
import type { CasesFor } from './case.ts';
import { failures, refusal } from './payloads.ts';

type FactBeside = Extract<Fact, { type: `debt.${string}` | `backfill.${string}` }>;

/** What goes on beside the state: debts that are being tried, and the back-fill. */
const tried = ({ context: { debts } }: Moment) =>
  debts.flatMap((debt, index) =>
    debt.status === 'trying' ? [{ debtId: debt.id, words: `debt ${index + 1} (${debt.kind})` }] : [],
  );
const unknown = { debtId: 'subscription:unknown' };

export const besideCases: CasesFor<FactBeside> = {
  'debt.settled': (moment) => [
    ...tried(moment).map(
      ({ debtId, words }) => ({ says: `${words} settled`, event: { type: 'debt.settled', debtId } }) as const,
    ),
    { says: 'unknown debt settled', event: { type: 'debt.settled', ...unknown }, stray: true },
  ],
  'debt.postponed': (moment) => [
    ...tried(moment).map(
      ({ debtId, words }) =>
        ({
          says: `${words} postponed`,
          event: { type: 'debt.postponed', debtId, failure: failures.unavailable },
        }) as const,
    ),
    {
      says: 'unknown debt postponed',
      event: { type: 'debt.postponed', ...unknown, failure: failures.unavailable },
      stray: true,
    },
  ],
  'debt.refused': (moment) => [
    ...tried(moment).map(
      ({ debtId, words }) =>
        ({
          says: `${words} refused`,
          event: { type: 'debt.refused', debtId, problem: refusal('not_permitted') },
        }) as const,
    ),
    {
      says: 'unknown debt refused',
      event: { type: 'debt.refused', ...unknown, problem: refusal('not_permitted') },
      stray: true,
    },
  ],
  'debt.blocked': (moment) => [
    ...tried(moment).map(
      ({ debtId, words }) =>
        ({
          says: `${words} blocked`,
          event: { type: 'debt.blocked', debtId, problem: refusal('grant_lost') },
        }) as const,
    ),
    {
      says: 'unknown debt blocked',
      event: { type: 'debt.blocked', ...unknown, problem: refusal('grant_lost') },
      stray: true,
    },
  ],
  'backfill.completed': ({
    context: {
      backfill: { run },
    },
  }) => [
    { says: 'back-fill completed', event: { type: 'backfill.completed', run, meetings: 3, recovered: 1, skipped: 0 } },
    {
      says: 'back-fill completed but for an event',
      event: { type: 'backfill.completed', run, meetings: 3, recovered: 1, skipped: 1 },
    },
    {
      says: 'earlier back-fill completed',
      event: { type: 'backfill.completed', run: run - 1, meetings: 3, recovered: 1 },
      stray: true,
    },
  ],
  'backfill.overdue': () => [
    { says: 'back-fill overdue', event: { type: 'backfill.overdue', since: '2026-01-04T09:00:00.000Z' } },
  ],
  'backfill.failed': ({
    context: {
      backfill: { run },
    },
  }) => [
    { says: 'back-fill failed', event: { type: 'backfill.failed', run, failure: failures.unavailable } },
    { says: 'back-fill unauthorized', event: { type: 'backfill.failed', run, failure: failures.unauthorized } },
    {
      says: 'earlier back-fill failed',
      event: { type: 'backfill.failed', run: run - 1, failure: failures.unavailable },
      stray: true,
    },
  ],
};
