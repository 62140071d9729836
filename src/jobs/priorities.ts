/**
 * What is fetched first, in bands with a share of the workers each: a thousand hanging calls of one band leave the others theirs.
 * `awaited`: a person or a program waits for it · `upkeep`: tokens that are due, a state that looks again · `owed`: deletions and
 * revocations tried again · `watched`: the hourly look at a webhook. Of back-fills, the first of an account comes before all others.
 */
export const PRIORITY = { awaited: 30, upkeep: 20, owed: 10, watched: 0, firstBackfill: 10, otherBackfill: 0 } as const;

/** The band of an effect that a timer asked for. */
const BY_TYPE: Record<string, number> = {
  deleteSubscription: PRIORITY.owed,
  revokeGrant: PRIORITY.owed,
  checkSubscription: PRIORITY.watched,
};

/** How urgent an effect is. `inherited`: as the one whose answer asked for it; null: a timer did, and nobody waits. */
export function priorityOf({ type, params }: { type: string; params: object }, inherited: number | null): number {
  if ('reason' in params) return params.reason === 'first' ? PRIORITY.firstBackfill : PRIORITY.otherBackfill;
  if (type === 'checkSubscription') return PRIORITY.watched;
  return inherited ?? BY_TYPE[type] ?? PRIORITY.upkeep;
}
