import { actionSetup as s } from './action-setup.ts';
import { debtsOfAbandonment, noAttempt } from './attempt.ts';
import * as backfill from './backfill.ts';
import type { Debt } from './context.ts';
import { leaveHeld, oweGrant, oweSubscription, tryHeld } from './debt-list.ts';
import { keepDebts } from './debts.ts';
import { stopPollTimer, stopPlanTimer, stopWatchTimer } from './delivery.ts';
import type { Args } from './events.ts';
import { stopRefreshTimer } from './grant.ts';
import { freshPass } from './step.ts';

/** Everything that exists at Calendly is owed: the subscription, the grant, and the tokens of a consent under way. */
function debtsOfDisconnect(args: Args): Debt[] {
  return owed(args, tryHeld(debtsOfAbandonment(args)));
}

/** As with a disconnect, but webhooks of a former system that are still there may be needed by it again. */
function debtsOfRelease(args: Args): Debt[] {
  return owed(args, leaveHeld(debtsOfAbandonment(args)));
}

function owed({ context }: Args, former: Debt[]): Debt[] {
  let debts = former;
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
  backfill: ({ context }) => backfill.forget(context),
});

const forget = [forgetGrant, stopRefreshTimer, backfill.stopResumeTimer, stopWatchTimer, stopPollTimer, stopPlanTimer];

export const forgetEverything = [keepDebts(debtsOfDisconnect), ...forget];
/**
 * The tokens leave with the answer to the command. What is owed is to forget them here; the grant's row says that they must not be revoked.
 */
export const handOver = [keepDebts(debtsOfRelease), ...forget];
