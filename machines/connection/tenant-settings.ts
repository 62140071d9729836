import { actionSetup as s } from './action-setup.ts';
import { startPollTimer } from './delivery.ts';
import type { Args } from './events.ts';

/** Settings of one tenant. Other webhook settings make the webhook anew; all others are used from the next time on. */

export const settingsGuards = {
  changesWebhooks: ({ context: { settings }, event }: Args) =>
    event.type === 'configure' &&
    (event.settings.webhookScope !== settings.webhookScope ||
      JSON.stringify(event.settings.webhookEvents) !== JSON.stringify(settings.webhookEvents)),
};

export const takeSettings = s.enqueueActions(({ context, event, enqueue }) => {
  if (event.type !== 'configure') return;
  const { settings, pollingMinutes } = event;
  enqueue.assign({ settings, pollingMinutes });
  if (context.delivery === 'polling' && pollingMinutes !== context.pollingMinutes) enqueue(startPollTimer);
});
