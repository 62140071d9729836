import { sql, type Transaction } from 'kysely';
import type { Database } from '../db/database.ts';

/** Events that share a lane are sent one after the other. If one fails, only later events in its lanes wait for it. */
export const connectionLane = (tenantId: string): string => `connection:${tenantId}`;
export const meetingLane = (meetingId: string): string => `meeting:${meetingId}`;

/**
 * Until the caller's transaction ends, no other transaction writes an event into these lanes. So within a lane, events are committed in the
 * order in which they are written. A transaction takes all the locks that it needs at once and in one order, so no two transactions wait
 * for each other.
 */
export async function lockLanes(trx: Transaction<Database>, lanes: readonly string[]): Promise<void> {
  const sorted = [...new Set(lanes)].sort();
  await sql`select pg_advisory_xact_lock(hashtextextended('host_event:' || lane, 0))
    from unnest(${sorted}::text[]) with ordinality as wanted (lane, place) order by place`.execute(trx);
}

/** PostgreSQL has memory for a few thousand locks of all transactions together, so one transaction takes at most this many. */
const MOST_LANES_OF_A_TENANT = 100;

/**
 * The same for lanes of meetings. A group event can have thousands of them: above a limit, all lanes of the tenant are locked with one
 * lock. A transaction that locks single lanes holds that lock as shared meanwhile.
 */
export async function lockMeetingLanes(
  trx: Transaction<Database>,
  meetings: readonly { tenantId: string; meetingId: string }[],
): Promise<void> {
  const byTenant = new Map<string, Set<string>>();
  for (const { tenantId, meetingId } of meetings) {
    byTenant.set(tenantId, (byTenant.get(tenantId) ?? new Set()).add(meetingLane(meetingId)));
  }
  const locks = [...byTenant]
    .sort(([one], [other]) => (one < other ? -1 : 1))
    .flatMap(([tenantId, lanes]) => {
      const isOne = lanes.size > MOST_LANES_OF_A_TENANT;
      return [
        { name: `meetings:${tenantId}`, shared: !isOne },
        ...(isOne ? [] : [...lanes].sort().map((name) => ({ name, shared: false }))),
      ];
    });
  await sql`
    select case when shared then pg_advisory_xact_lock_shared(key)::text else pg_advisory_xact_lock(key)::text end
    from (
      select hashtextextended('host_event:' || name, 0) as key, shared, place
      from unnest(${locks.map(({ name }) => name)}::text[], ${locks.map(({ shared }) => shared)}::boolean[])
        with ordinality as wanted (name, shared, place)
    ) as lock order by place`.execute(trx);
}

/**
 * The same for the lanes of small groups of meetings, without waiting. Returns the indexes of the groups whose lanes are all locked now.
 * The locks of the other groups that it got stay, too, until the transaction ends.
 */
export async function lockFreeMeetingLanes(
  trx: Transaction<Database>,
  groups: readonly { tenantId: string; meetingIds: readonly string[] }[],
): Promise<Set<number>> {
  const locks = groups.flatMap(({ tenantId, meetingIds }, place) => [
    { place, name: `meetings:${tenantId}`, shared: true },
    ...meetingIds.map((id) => ({ place, name: meetingLane(id), shared: false })),
  ]);
  const { rows } = await sql<{ place: number; taken: boolean }>`
    select place, case when shared then pg_try_advisory_xact_lock_shared(key) else pg_try_advisory_xact_lock(key) end as taken
    from (
      select hashtextextended('host_event:' || name, 0) as key, shared, place
      from unnest(${locks.map(({ name }) => name)}::text[], ${locks.map(({ shared }) => shared)}::boolean[],
        ${locks.map(({ place }) => place)}::integer[]) as wanted (name, shared, place)
    ) as lock`.execute(trx);
  const missed = new Set(rows.filter(({ taken }) => !taken).map(({ place }) => place));
  return new Set(groups.flatMap((_group, place) => (missed.has(place) ? [] : [place])));
}
