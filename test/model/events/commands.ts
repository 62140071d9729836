import type { Command } from '../../../machines/connection/index.ts';
import type { CasesFor } from './case.ts';
import { LATER, MINUTE, SCOPES, SECOND, TOKEN_LIFE } from './payloads.ts';
import type { Moment } from '../moment.ts';

const connect = ({ now, fresh }: Moment, switchAccount: boolean) =>
  ({
    type: 'connect',
    switchAccount,
    attemptId: fresh('attempt'),
    recentMs: 5 * MINUTE,
    attemptExpiresAt: new Date(now + 15 * MINUTE).toISOString(),
  }) as const;

/** `lives`: of the access token, from the moment of the command on. */
const importOf = ({ now, fresh }: Moment, lives: number) => ({
  type: 'import' as const,
  importId: fresh('import'),
  grantId: fresh('imported grant'),
  scope: SCOPES,
  expiresAt: new Date(now + SECOND + lives).toISOString(),
  webhooks: [fresh('former webhook')],
});

const otherScope = ({ settings }: Moment['context']) => (settings.webhookScope === 'user' ? 'organization' : 'user');

export const commandCases: CasesFor<Command> = {
  connect: (moment) => [
    { says: 'connect', event: connect(moment, false) },
    { says: 'connect some time later', event: connect({ ...moment, now: moment.now + LATER }, false), after: LATER },
    { says: 'connect to switch accounts', event: connect(moment, true) },
  ],
  import: (moment) => [
    { says: 'import', event: importOf(moment, TOKEN_LIFE) },
    { says: 'import without a good access token', event: importOf(moment, 0) },
  ],
  release: () => [{ says: 'release', event: { type: 'release' } }],
  disconnect: () => [{ says: 'disconnect', event: { type: 'disconnect' } }],
  refresh: () => [{ says: 'refresh', event: { type: 'refresh' } }],
  resync: () => [
    { says: 'resync', event: { type: 'resync' } },
    { says: 'resync some time later', event: { type: 'resync' }, after: LATER },
  ],
  configure: ({ context }) => [
    {
      says: 'other webhook settings',
      event: {
        type: 'configure',
        settings: { ...context.settings, webhookScope: otherScope(context) },
        pollingMinutes: context.pollingMinutes,
      },
    },
    {
      says: 'another polling interval',
      event: {
        type: 'configure',
        settings: { ...context.settings, pollingMinutes: context.pollingMinutes + 1 },
        pollingMinutes: context.pollingMinutes + 1,
      },
    },
  ],
  retry: () => [
    { says: 'retry', event: { type: 'retry', recentMs: 5 * MINUTE } },
    { says: 'retry some time later', event: { type: 'retry', recentMs: 5 * MINUTE }, after: LATER },
  ],
};
