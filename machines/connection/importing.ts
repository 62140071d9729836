import { actionSetup as s } from './action-setup.ts';
import { abandon } from './attempt.ts';
import type { ConnectionContext, Origin } from './context.ts';
import type { Args } from './events.ts';
import { needsConsent, USEFUL_LIFE_MS } from './grant.ts';
import { freshPass } from './step.ts';

/** Tokens of another system. Like the tokens of a consent, they are the candidate until the account is accepted. No person is asked. */

const isTokenGood = (expiresAt: string, at: string): boolean => Date.parse(expiresAt) - Date.parse(at) > USEFUL_LIFE_MS;

export const importGuards = {
  /** An import does not replace tokens that work. To replace them, disconnect first. */
  needsConsent: ({ context }: Args) => needsConsent(context),
  bringsGoodToken: ({ event }: Args) => event.type === 'import' && isTokenGood(event.expiresAt, event.at),
  isCandidateTokenGood: ({ context, event }: Args) =>
    context.candidate !== null && isTokenGood(context.candidate.expiresAt, event.at),
};

const startImport = (origin: (context: ConnectionContext) => Origin) =>
  s.assign(({ context, event }) => {
    if (event.type !== 'import') return {};
    const { importId: id, grantId, webhooks, scope, expiresAt } = event;
    return {
      ...freshPass,
      importing: { id, webhooks },
      candidate: {
        id: grantId,
        accountUri: null,
        organizationUri: null,
        scope,
        expiresAt,
        refreshedAt: event.at,
        lost: false,
      },
      failures: 0,
      origin: origin(context),
    };
  });

export const startImportFrom = (origin: Origin) => [startImport(() => origin)];
/** An import replaces a consent that nobody has given yet. */
export const importInstead = [...abandon, startImport((context) => context.origin)];
