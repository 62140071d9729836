import { actionSetup } from './action-setup.ts';
import { attemptGuards } from './attempt.ts';
import { backfillGuards } from './backfill.ts';
import { debtGuards } from './debts.ts';
import { deliveryGuards } from './delivery.ts';
import { grantGuards } from './grant.ts';
import { importGuards } from './importing.ts';
import { stepGuards } from './step.ts';
import { syncGuards } from './sync.ts';
import { settingsGuards } from './tenant-settings.ts';

/** What the states are written with: the actions' setup, and the guards of every topic. */
export const connectionSetup = actionSetup.extend({
  guards: {
    ...stepGuards,
    ...grantGuards,
    ...attemptGuards,
    ...importGuards,
    ...syncGuards,
    ...deliveryGuards,
    ...debtGuards,
    ...backfillGuards,
    ...settingsGuards,
  },
});
