/**
 * In which order effects are fetched. Each band has a share of the workers, so a thousand hanging calls of one band leave the other bands
 * their share. `awaited`: a person or a program waits for it · `upkeep`: refreshes that are due, and states that look again · `owed`:
 * retries of deletions and revocations · `watched`: the hourly check of a webhook. The first back-fill of an account comes before all other
 * back-fills.
 */
export const PRIORITY = { awaited: 30, upkeep: 20, owed: 10, watched: 0, firstBackfill: 10, otherBackfill: 0 } as const;

/** The band of an effect that a timer started. */
const BY_TYPE: Record<string, number> = {
  deleteSubscription: PRIORITY.owed,
  revokeGrant: PRIORITY.owed,
  checkSubscription: PRIORITY.watched,
};

/** The priority of an effect. `inherited`: the priority of the effect whose answer led to it; null: a timer led to it, and nobody waits. */
export function priorityOf({ type, params }: { type: string; params: object }, inherited: number | null): number {
  if ('reason' in params) return params.reason === 'first' ? PRIORITY.firstBackfill : PRIORITY.otherBackfill;
  if (type === 'checkSubscription') return PRIORITY.watched;
  return inherited ?? BY_TYPE[type] ?? PRIORITY.upkeep;
}
