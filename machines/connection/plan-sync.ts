import type { ConnectionContext, Debt } from './context.ts';
import type { FoundSubscription } from './events.ts';

/** Creates per sync: the first, and one after each of the two ways out of a 409. */
export const MAX_CREATES = 3;

export type SyncPlan =
  /** One of ours is active and as wanted. It is kept, and `surplus` are deleted after. */
  | { step: 'adopt'; subscriptionId: string; surplus: string[] }
  /** The new one is created first, so that no delivery is missed. `surplus` are deleted after. */
  | { step: 'create'; surplus: string[] }
  /** Calendly answered 409: these must be deleted before another create. */
  | { step: 'clear'; first: string[] }
  | { step: 'giveUp' };

/**
 * What to do about webhooks, from a complete listing of ours. After a 409:
 * the same URL and as wanted → adopt it · the same URL, but not as wanted → delete it first ·
 * another one of ours → delete that first · none of ours → one more try with a new URL, then give up.
 */
export function planSync(context: ConnectionContext, found: FoundSubscription[]): SyncPlan {
  const { draft, creates } = context;
  // A create without an answer was carried out if the listing shows it. Then it is the webhook that was wanted, and no debt.
  const inDoubt = ({ status, attempts }: Debt) => status === 'held' || (status === 'waiting' && attempts === 0);
  const owed = new Set(context.debts.filter((debt) => !inDoubt(debt)).map((debt) => debt.subscriptionId));
  const fitting = found.filter((item) => item.fits && !owed.has(item.subscriptionId));
  const keep = [context.subscription, draft?.id, fitting[0]?.subscriptionId].find((id) =>
    fitting.some((item) => item.subscriptionId === id),
  );
  const others = [...new Set(found.map((item) => item.subscriptionId))].filter((id) => id !== keep);

  if (keep !== undefined && keep !== null) return { step: 'adopt', subscriptionId: keep, surplus: others };
  if (creates >= MAX_CREATES) return { step: 'giveUp' };
  if (!draft?.conflicted) return { step: 'create', surplus: others };
  if (others.length > 0) return { step: 'clear', first: others };
  return creates < 2 ? { step: 'create', surplus: [] } : { step: 'giveUp' };
}
