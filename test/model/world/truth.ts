import type { ConnectionContext, ConnectionEvent, FoundSubscription } from '../../../machines/connection/index.ts';

/** What exists at Calendly: tokens that could be used, webhooks that would deliver. */
export interface Truth {
  /** Grant id → account. */
  grants: ReadonlyMap<string, string | null>;
  /** Subscription id → account. */
  subscriptions: ReadonlyMap<string, string | null>;
}

export interface Leftover {
  subscriptionId: string;
  accountUri: string | null;
}

export const nothingExists: Truth = { grants: new Map(), subscriptions: new Map() };

/** What an event says has come into being or has gone, and what came into being without anybody being told. */
export function truthAfter({ grants, subscriptions }: Truth, event: ConnectionEvent, leftover?: Leftover): Truth {
  if (leftover)
    return { grants, subscriptions: new Map(subscriptions).set(leftover.subscriptionId, leftover.accountUri) };
  switch (event.type) {
    case 'token.issued':
    case 'token.orphaned':
      return { grants: new Map(grants).set(event.grantId, event.accountUri), subscriptions };
    case 'subscription.created':
      return { grants, subscriptions: new Map(subscriptions).set(event.subscriptionId, event.accountUri) };
    case 'debt.settled': {
      const id = event.debtId.split(':')[1]!;
      return { grants: without(grants, id), subscriptions: without(subscriptions, id) };
    }
    default:
      return { grants, subscriptions };
  }
}

/** What another system had at Calendly before: its tokens from the import on, its webhooks once they count as ours, until it has them back. */
export function withImports(
  truth: Truth,
  event: ConnectionEvent,
  context: ConnectionContext,
  before: ConnectionContext,
): Truth {
  const { candidate, debts, draft } = context;
  if (event.type === 'release' && context.grant === null) {
    const theirs = before.debts.filter((debt) => debt.status === 'held' && debt.subscriptionId !== before.draft?.id);
    return theirs.reduce(
      ({ grants, subscriptions }, { subscriptionId }) => ({
        grants,
        subscriptions: without(subscriptions, subscriptionId ?? ''),
      }),
      truth,
    );
  }
  if (event.type === 'import' && candidate?.id === event.grantId)
    return { ...truth, grants: new Map(truth.grants).set(candidate.id, null) };
  if (event.type !== 'account.identified' && event.type !== 'account.confirmed') return truth;
  const imported = debts.filter((debt) => debt.status === 'held' && debt.subscriptionId !== draft?.id);
  return imported.reduce(
    ({ grants, subscriptions }, { subscriptionId, accountUri }) =>
      subscriptionId === null
        ? { grants, subscriptions }
        : { grants, subscriptions: new Map(subscriptions).set(subscriptionId, accountUri) },
    truth,
  );
}

/** A listing of ours for this account, as Calendly would give it now. */
export function listingOf({ subscriptions }: Truth, accountUri: string | null, fits: boolean): FoundSubscription[] {
  return [...subscriptions]
    .filter(([, account]) => account === accountUri)
    .map(([subscriptionId]) => ({
      subscriptionId,
      uri: `https://api.calendly.com/webhook_subscriptions/${subscriptionId}`,
      fits,
    }));
}

/** Ids of what exists, and that the machine neither uses nor owes: lost for good. */
export function lostPossessions({ grants, subscriptions }: Truth, context: ConnectionContext): string[] {
  const { grant, candidate, subscription, draft, surplus, debts } = context;
  const known = new Set([
    grant?.id,
    candidate?.id,
    subscription,
    draft?.id,
    ...surplus,
    ...debts.map((debt) => debt.subscriptionId ?? debt.grantId),
  ]);
  return [...grants.keys(), ...subscriptions.keys()].filter((id) => !known.has(id));
}

function without<V>(map: ReadonlyMap<string, V>, key: string): ReadonlyMap<string, V> {
  return map.has(key) ? new Map([...map].filter(([other]) => other !== key)) : map;
}
