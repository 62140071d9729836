import { setup } from 'xstate';
import type { ConnectionContext } from './context.ts';
import { delays } from './delays.ts';
import type { EffectParams, EffectType } from './effects.ts';
import type { ConnectionEvent, TimerEvent } from './events.ts';

/** An effect does nothing in the machine. Dispatch stores it as data, and a worker runs it after the commit. */
const effect =
  <T extends EffectType>() =>
  (_: unknown, _params: EffectParams<T>): void => {};

/** Types, effects and delays. Topics build their actions with it, and `setup.ts` adds their guards for the states. */
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

/** A durable timer sends an event later. Starting it again replaces it. Dispatch adds `at` and `id` to the event when it is due. */
export function startTimer(id: string, event: (context: ConnectionContext) => TimerEvent, delay: keyof typeof delays) {
  return actionSetup.raise(({ context }) => event(context) as ConnectionEvent, { id, delay });
}
