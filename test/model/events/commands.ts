import type { Command } from '../../../machines/connection/index.ts';
import type { CasesFor } from './case.ts';
import { LATER, MINUTE } from './payloads.ts';
import type { Moment } from '../moment.ts';

const connect = ({ now, fresh }: Moment, switchAccount: boolean) =>
  ({
    type: 'connect',
    switchAccount,
    attemptId: fresh('attempt'),
    recentMs: 5 * MINUTE,
    attemptExpiresAt: new Date(now + 15 * MINUTE).toISOString(),
  }) as const;

export const commandCases: CasesFor<Command> = {
  connect: (moment) => [
    { says: 'connect', event: connect(moment, false) },
    { says: 'connect some time later', event: connect({ ...moment, now: moment.now + LATER }, false), after: LATER },
    { says: 'connect to switch accounts', event: connect(moment, true) },
  ],
  disconnect: () => [{ says: 'disconnect', event: { type: 'disconnect' } }],
  refresh: () => [{ says: 'refresh', event: { type: 'refresh' } }],
  resync: () => [
    { says: 'resync', event: { type: 'resync' } },
    { says: 'resync some time later', event: { type: 'resync' }, after: LATER },
  ],
  retry: () => [
    { says: 'retry', event: { type: 'retry', recentMs: 5 * MINUTE } },
    { says: 'retry some time later', event: { type: 'retry', recentMs: 5 * MINUTE }, after: LATER },
  ],
};
