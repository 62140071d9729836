import type { DueEvent } from './due-events.ts';
import type { Room } from './room.ts';

/**
 * Which of the events that are due to begin with: the first of each lane, and first of all those of the tenants that have least in
 * hand; last, those that the host did not answer before. No tenant gets more than its share. `tried`: events to skip, with all later ones of their lanes.
 */
export function chooseEvents(
  due: readonly DueEvent[],
  { room, tried }: { room: Room; tried: ReadonlySet<string> },
): DueEvent[] {
  const heads = new Map<string, number>();
  for (const { lanes, position } of due) {
    for (const lane of lanes) heads.set(lane, Math.min(position, heads.get(lane) ?? position));
  }
  const held = new Map<string, number>();
  const ranked: { event: DueEvent; rank: number }[] = [];
  for (const event of due) {
    if (tried.has(event.id) || event.lanes.some((lane) => heads.get(lane) !== event.position)) continue;
    const rank = held.get(event.tenantId) ?? room.of(event.tenantId);
    if (rank >= room.share) continue;
    held.set(event.tenantId, rank + 1);
    ranked.push({ event, rank: event.timedOut ? rank + room.share : rank });
  }
  return ranked
    .sort((one, other) => one.rank - other.rank)
    .slice(0, room.free())
    .map(({ event }) => event);
}
