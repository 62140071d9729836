import { setup } from 'xstate';
import type { ConnectionContext } from './context.ts';
import { delays } from './delays.ts';
import type { EffectParams, EffectType } from './effects.ts';
import type { ConnectionEvent, TimerEvent } from './events.ts';

/** An effect is an action that does nothing here: dispatch reads it as data, and a worker carries it out after the commit. */
const effect =
  <T extends EffectType>() =>
  (_: unknown, _params: EffectParams<T>): void => {};

/** Types, effects and delays: what the topics build their actions with. `setup.ts` adds the guards, which the states need too. */
export const actionSetup = setup({
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
  delays,
});

/** A durable timer: a future event under a name. Starting it again replaces it. Dispatch stamps the event when it is due. */
export function startTimer(id: string, event: (context: ConnectionContext) => TimerEvent, delay: keyof typeof delays) {
  return actionSetup.raise(({ context }) => event(context) as ConnectionEvent, { id, delay });
}
