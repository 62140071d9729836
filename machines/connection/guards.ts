import type { Account, ConnectionContext, Origin } from './context.ts';
import type { ConnectionEvent } from './events.ts';
import { millisecondsLeft, RECENT_REFRESH, REFRESH_AHEAD } from './delays.ts';
import { MAX_CREATES, planSync, type SyncPlan } from './plan-sync.ts';

interface Args {
  context: ConnectionContext;
  event: ConnectionEvent;
}

const SECOND = 1000;
/** Problems that only another consent can mend. */
const NEEDS_CONSENT = new Set(['scope_missing', 'issuer_changed', 'credential_unreadable']);
/** Life that an access token must have left to be worth going on with. */
const USEFUL_LIFE = 60 * SECOND;

const hasUsableGrant = ({ context }: Args) => context.grant !== null && !context.grant.lost;
/** No stored grant, or none that can be used as it is: only a person can give another one. */
export const needsConsent = ({ grant, problem }: ConnectionContext): boolean =>
  grant === null || grant.lost || NEEDS_CONSENT.has(problem?.code ?? '');
const generationOf = (event: ConnectionEvent) => ('generation' in event ? event.generation : undefined);
const isCurrent = ({ context, event }: Args) => generationOf(event) === context.generation;
const grantIdOf = (event: ConnectionEvent) => ('grantId' in event ? event.grantId : undefined);
const isCurrentGrant = ({ context, event }: Args) => context.grant !== null && grantIdOf(event) === context.grant.id;
const failureOf = (event: ConnectionEvent) => ('failure' in event ? event.failure : undefined);
const cameFrom =
  (origin: Origin) =>
  ({ context }: Args) =>
    context.origin === origin;

/** The account that this event names for the candidate, when it is one that may be accepted without asking. */
function isExpectedAccount({ context, event }: Args): boolean {
  if (event.type !== 'account.identified' || !isCurrent({ context, event })) return false;
  return (
    !context.grant?.accountUri ||
    context.attempt?.switchAccount === true ||
    isSame(context.grant.accountUri, event.account)
  );
}

/** A moved organization is the same account. */
function isSame(accountUri: string, account: Account): boolean {
  return accountUri === account.uri;
}

/** Refreshed moments ago and not about to end: Calendly's limit of 8 tokens a minute is better spent on others. */
function isRecentlyRefreshed(args: Args): boolean {
  const recent = 'recentMs' in args.event ? args.event.recentMs : RECENT_REFRESH;
  const age = Date.parse(args.event.at) - Date.parse(args.context.grant?.refreshedAt ?? '');
  return hasUsableGrant(args) && age < recent && millisecondsLeft(args) > USEFUL_LIFE;
}

function plans(step: SyncPlan['step']) {
  return ({ context, event }: Args): boolean =>
    event.type === 'subscriptions.listed' &&
    isCurrent({ context, event }) &&
    planSync(context, event.found).step === step;
}

/** Questions. Each is one reason to go one way; the machine reads as prose because of their names. */
export const guards = {
  isCurrent,
  hasUsableGrant,
  wantsConsent: ({ context, event }: Args) =>
    (event.type === 'connect' && event.switchAccount) || needsConsent(context),
  wantsSwitch: ({ event }: Args) => event.type === 'connect' && event.switchAccount,
  isThisAttempt: ({ context, event }: Args) => 'attemptId' in event && event.attemptId === context.attempt?.id,
  isCurrentGrant,
  /** The first to say so: whoever else finds a lost grant to be lost brings no news. */
  isLossOfCurrentGrant: (args: Args) => isCurrentGrant(args) && args.context.grant?.lost === false,
  isUpkeepOfCurrentGrant: (args: Args) => isCurrentGrant(args) && args.context.upkeep,
  isCandidate: ({ context, event }: Args) => context.candidate !== null && grantIdOf(event) === context.candidate.id,
  isExpectedAccount,
  isPendingAccount: ({ context, event }: Args) =>
    'accountUri' in event && context.pendingAccount !== null && event.accountUri === context.pendingAccount.uri,
  isRecentlyRefreshed,
  /** Looking again by itself spends no refresh while the token is good for a while, unless it is the refresh that fails. */
  isTokenGoodForLonger: (args: Args) =>
    isCurrent(args) &&
    hasUsableGrant(args) &&
    args.context.refreshFailures === 0 &&
    millisecondsLeft(args) > REFRESH_AHEAD,
  isCurrentAndUsable: (args: Args) => isCurrent(args) && hasUsableGrant(args),
  isRoutine: ({ context }: Args) => context.routine,
  isRefreshedForWebhooks: (args: Args) =>
    isCurrentGrant(args) && args.context.routine && args.context.origin === 'webhooks',
  isRefreshedForPolling: (args: Args) =>
    isCurrentGrant(args) && args.context.routine && args.context.origin === 'polling',
  /** Upkeep that failed costs nothing while the access token still lives. */
  canWaitInWebhooks: (args: Args) =>
    isCurrent(args) &&
    args.context.routine &&
    args.context.origin === 'webhooks' &&
    millisecondsLeft(args) > USEFUL_LIFE,
  canWaitInPolling: (args: Args) =>
    isCurrent(args) &&
    args.context.routine &&
    args.context.origin === 'polling' &&
    millisecondsLeft(args) > USEFUL_LIFE,
  needsFreshToken: (args: Args) =>
    isCurrent(args) && failureOf(args.event)?.kind === 'unauthorized' && !args.context.renewed,
  isTokenUseless: (args: Args) => isCurrent(args) && failureOf(args.event)?.kind === 'unauthorized',
  isOurFault: (args: Args) => isCurrent(args) && failureOf(args.event)?.kind === 'invalid',
  lacksPlan: (args: Args) =>
    isCurrent(args) && args.event.type === 'permission.refused' && args.event.reason === 'plan',
  canFallBack: (args: Args) =>
    isCurrent(args) &&
    args.event.type === 'permission.refused' &&
    args.event.fallback !== null &&
    args.context.creates < MAX_CREATES,
  isIntact: ({ context, event }: Args) =>
    event.type === 'subscription.checked' && event.subscriptionId === context.subscription && event.intact,
  isThisSubscription: ({ context, event }: Args) =>
    'subscriptionId' in event && event.subscriptionId === context.subscription,
  hasSubscription: ({ context }: Args) => context.subscription !== null,
  isPolling: ({ context }: Args) => context.delivery === 'polling',
  isStillPolling: ({ context: { delivery, backfill } }: Args) =>
    delivery === 'polling' && (backfill.state === 'running' || backfill.state === 'waiting'),
  isWatchUnauthorized: ({ context, event }: Args) =>
    event.type === 'subscription.uncheckable' &&
    event.subscriptionId === context.subscription &&
    event.failure.kind !== 'transient',
  canAdopt: plans('adopt'),
  mustClear: plans('clear'),
  mustGiveUp: plans('giveUp'),
  isDraftCreated: (args: Args) =>
    isCurrent(args) &&
    args.event.type === 'subscription.created' &&
    args.event.subscriptionId === args.context.draft?.id,
  isCleared: ({ context }: Args) => !context.debts.some((debt) => context.clearing.includes(debt.id)),
  isClearingFailed: ({ context }: Args) =>
    context.debts.some(
      (debt) => context.clearing.includes(debt.id) && (debt.status === 'waiting' || debt.status === 'blocked'),
    ),
  isRetired: ({ context }: Args) => !context.debts.some((debt) => debt.status === 'trying' && debt.attempts === 0),
  isSettling: ({ context }: Args) => context.debts.some((debt) => debt.status !== 'blocked'),
  isSettled: ({ context }: Args) => !context.debts.some((debt) => debt.status !== 'blocked'),
  hasDebts: ({ context }: Args) => context.debts.length > 0,
  hasThisDebt: ({ context, event }: Args) =>
    'debtId' in event && context.debts.some((debt) => debt.id === event.debtId),
  isDebtWaiting: ({ context, event }: Args) =>
    'debtId' in event && context.debts.some((debt) => debt.id === event.debtId && debt.status === 'waiting'),
  canStartUpkeep: (args: Args) => hasUsableGrant(args) && !args.context.upkeep,
  isThisBackfill: ({ context, event }: Args) =>
    'run' in event && event.run === context.backfill.run && context.grant !== null,
  isBackfillUnauthorized: (args: Args) =>
    'run' in args.event &&
    args.event.run === args.context.backfill.run &&
    hasUsableGrant(args) &&
    failureOf(args.event)?.kind === 'unauthorized' &&
    !args.context.renewed,
  cameFromWebhooks: cameFrom('webhooks'),
  cameFromPolling: cameFrom('polling'),
  cameFromReconnecting: cameFrom('reconnecting'),
  cameFromRetrying: cameFrom('retrying'),
  cameFromNeedsReauthorization: cameFrom('needsReauthorization'),
  cameFromNeedsPermission: cameFrom('needsPermission'),
  cameFromNeedsAttention: cameFrom('needsAttention'),
};
