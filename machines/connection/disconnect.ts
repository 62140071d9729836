import { actionSetup as s } from './action-setup.ts';
import { debtsOfAbandonment, noAttempt } from './attempt.ts';
import { forgetBackfill, stopBackfillTimer } from './backfill.ts';
import type { Debt } from './context.ts';
import { oweGrant, oweSubscription } from './debt-list.ts';
import { keepDebts } from './debts.ts';
import { stopPollTimer, stopPlanTimer, stopWatchTimer } from './delivery.ts';
import type { Args } from './events.ts';
import { stopRefreshTimer } from './grant.ts';
import { freshPass } from './step.ts';

/** Everything that exists at Calendly is owed: the subscription, the grant, and the tokens of a consent under way. */
function debtsOfDisconnect(args: Args): Debt[] {
  const { context } = args;
  let debts = debtsOfAbandonment(args);
  if (context.grant === null) return debts;
  const creditor = { grantId: context.grant.id, accountUri: context.grant.accountUri };
  if (context.subscription !== null) debts = oweSubscription(debts, context.subscription, creditor);
  return oweGrant(debts, creditor);
}

const forgetGrant = s.assign({
  ...noAttempt,
  ...freshPass,
  grant: null,
  subscription: null,
  delivery: null,
  upkeep: false,
  refreshFailures: 0,
  failures: 0,
  origin: 'disconnected',
  problem: null,
  missingScopes: [],
  backfill: ({ context }) => forgetBackfill(context),
});

export const forgetEverything = [
  keepDebts(debtsOfDisconnect),
  forgetGrant,
  stopRefreshTimer,
  stopBackfillTimer,
  stopWatchTimer,
  stopPollTimer,
  stopPlanTimer,
];
