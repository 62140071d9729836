import { setup } from 'xstate';
import { initialContext, type ConnectionContext } from './context.ts';
import type { ConnectionEvent } from './events.ts';
import type { EffectParams, EffectType } from './effects.ts';
import { delays } from './delays.ts';
import { guards } from './guards.ts';

/** An effect is an action that does nothing here: it arrives at the codec as data and is carried out elsewhere. */
const effect =
  <T extends EffectType>() =>
  (_: unknown, _params: EffectParams<T>): void => {};

export const connectionSetup = setup({
  types: {
    context: {} as ConnectionContext,
    events: {} as ConnectionEvent,
    input: {} as { tenantId: string },
    tags: {} as 'waiting',
  },
  actions: {
    exchangeCode: effect<'exchangeCode'>(),
    identifyAccount: effect<'identifyAccount'>(),
    refreshToken: effect<'refreshToken'>(),
    listSubscriptions: effect<'listSubscriptions'>(),
    createSubscription: effect<'createSubscription'>(),
    deleteSubscription: effect<'deleteSubscription'>(),
    revokeGrant: effect<'revokeGrant'>(),
    checkSubscription: effect<'checkSubscription'>(),
    backfillMeetings: effect<'backfillMeetings'>(),
  },
  guards,
  delays,
});

export { initialContext };
