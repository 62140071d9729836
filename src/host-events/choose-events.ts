import type { DueEvent } from './find-due-events.ts';
import type { PostSlots } from './post-slots.ts';

/**
 * Chooses which of the due events are sent now: only the first one of each lane, and no more of a tenant than its share. Tenants that
 * hold the fewest slots come first; events that the host did not answer before come last. `tried`: events to skip, with all later ones
 * of their lanes.
 */
export function chooseEvents(
  due: readonly DueEvent[],
  { slots, tried }: { slots: PostSlots; tried: ReadonlySet<string> },
): DueEvent[] {
  const heads = new Map<string, number>();
  for (const { lanes, position } of due) {
    for (const lane of lanes) heads.set(lane, Math.min(position, heads.get(lane) ?? position));
  }
  const held = new Map<string, number>();
  const ranked: { event: DueEvent; rank: number }[] = [];
  for (const event of due) {
    if (tried.has(event.id) || event.lanes.some((lane) => heads.get(lane) !== event.position)) continue;
    const rank = held.get(event.tenantId) ?? slots.heldBy(event.tenantId);
    if (rank >= slots.share) continue;
    held.set(event.tenantId, rank + 1);
    ranked.push({ event, rank: event.timedOut ? rank + slots.share : rank });
  }
  return ranked
    .sort((one, other) => one.rank - other.rank)
    .slice(0, slots.free())
    .map(({ event }) => event);
}
