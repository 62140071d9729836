import { sql, type Kysely, type Selectable, type Transaction } from 'kysely';
import type { Database } from '../db/database.ts';
import { appendHostEvents, type NewHostEvent } from './append-host-event.ts';
import type { MeetingData } from './host-event.ts';
import { lockFreeMeetingLanes, meetingLane } from './lanes.ts';

/** A reschedule comes as two deliveries, in either order: the old meeting is canceled, and the new one is created. */
export type HalfType = 'meeting.created' | 'meeting.canceled';

/** Held until its other half comes, or until the time for that is over. */
export interface Half {
  meetingId: string;
  partnerId: string;
  tenantId: string;
  type: HalfType;
  data: MeetingData;
  heldAt: Date;
}

/** The halves of some meetings. They are changed in memory while their lanes are locked, and written back together. */
export class HeldHalves {
  readonly #stored: ReadonlyMap<string, Half>;
  readonly #held: Map<string, Half>;
  /** By the meeting that a half waits for. */
  readonly #byPartner = new Map<string, Set<string>>();

  constructor(stored: readonly Half[]) {
    this.#stored = new Map(stored.map((half) => [half.meetingId, half]));
    this.#held = new Map();
    for (const half of stored) this.hold(half);
  }

  hold(half: Half): void {
    this.#held.set(half.meetingId, half);
    const waiting = this.#byPartner.get(half.partnerId) ?? new Set();
    this.#byPartner.set(half.partnerId, waiting.add(half.meetingId));
  }

  /** Takes the held half that belongs to this one; either of the two may name the other. */
  takeOther({
    meetingId,
    partnerId,
    type,
  }: Pick<Half, 'meetingId' | 'type'> & { partnerId: string | null }): Half | undefined {
    const opposite: HalfType = type === 'meeting.created' ? 'meeting.canceled' : 'meeting.created';
    const candidates = [...(this.#byPartner.get(meetingId) ?? []), ...(partnerId === null ? [] : [partnerId])];
    const found = candidates.find((id) => this.#held.get(id)?.type === opposite);
    return found === undefined ? undefined : this.#take(found);
  }

  /** Replaces the data of a held half, because it shows the meeting as it is when it is sent. Returns false if no half is held. */
  update(meetingId: string, data: MeetingData): boolean {
    const half = this.#held.get(meetingId);
    if (half === undefined) return false;
    this.#held.set(meetingId, { ...half, data });
    return true;
  }

  /** Removes a held half and returns its event, as a booking or a cancellation. */
  release(meetingId: string): NewHostEvent | null {
    const half = this.#take(meetingId);
    return half === undefined ? null : eventOf(half);
  }

  #take(meetingId: string): Half | undefined {
    const half = this.#held.get(meetingId);
    if (half === undefined) return undefined;
    this.#held.delete(meetingId);
    this.#byPartner.get(half.partnerId)?.delete(meetingId);
    return half;
  }

  async save(trx: Transaction<Database>): Promise<void> {
    const gone = [...this.#stored.values()]
      .filter((half) => this.#held.get(half.meetingId) !== half)
      .map(({ meetingId }) => meetingId);
    const written = [...this.#held.values()]
      .filter((half) => this.#stored.get(half.meetingId) !== half)
      .map((half) => ({
        meeting_id: half.meetingId,
        partner_id: half.partnerId,
        tenant_id: half.tenantId,
        type: half.type,
        data: half.data,
        held_at: half.heldAt,
      }));
    if (gone.length > 0) await sql`delete from host_event_half where meeting_id = any(${gone}::uuid[])`.execute(trx);
    if (written.length === 0) return;
    await sql`insert into host_event_half (meeting_id, partner_id, tenant_id, type, data, held_at)
      select meeting_id, partner_id, tenant_id, type, data, held_at from json_to_recordset(${JSON.stringify(written)}::json)
        as half (meeting_id uuid, partner_id uuid, tenant_id text, type text, data json, held_at timestamptz)`.execute(
      trx,
    );
  }
}

/** Reads all halves of these meetings, and all halves that wait for these meetings. Their lanes are locked. */
export async function readHalves(trx: Transaction<Database>, meetingIds: readonly string[]): Promise<HeldHalves> {
  const { rows } = await sql<Selectable<Database['host_event_half']>>`
    select * from host_event_half where meeting_id = any(${meetingIds}::uuid[])
    union all
    select * from host_event_half where partner_id = any(${meetingIds}::uuid[]) and meeting_id <> all(${meetingIds}::uuid[])`.execute(
    trx,
  );
  return new HeldHalves(rows.map(halfOf));
}

/** Where the last page of halves ended. */
interface Place {
  heldAt: Date;
  meetingId: string;
}

/**
 * Sends halves whose other half did not come in time, many in one transaction. If another transaction has locked one of the two meetings,
 * that half is skipped and found at the next look. Returns how many were sent.
 */
export async function releaseDueHalves(db: Kysely<Database>, heldBefore: Date, limit = 100): Promise<number> {
  let released = 0;
  for (let after: Place | null = null; ;) {
    const due: Selectable<Database['host_event_half']>[] = await dueHalves(db, heldBefore, after, limit);
    if (due.length > 0) released += await releaseFree(db, heldBefore, due.map(halfOf));
    const last = due.at(-1);
    if (last === undefined || due.length < limit) return released;
    after = { heldAt: last.held_at, meetingId: last.meeting_id };
  }
}

function dueHalves(db: Kysely<Database>, heldBefore: Date, after: Place | null, limit: number) {
  const query = db
    .selectFrom('host_event_half')
    .selectAll()
    .where('held_at', '<=', heldBefore)
    .orderBy('held_at')
    .orderBy('meeting_id')
    .limit(limit);
  if (after === null) return query.execute();
  return query.where(sql<boolean>`(held_at, meeting_id) > (${after.heldAt}, ${after.meetingId}::uuid)`).execute();
}

async function releaseFree(db: Kysely<Database>, heldBefore: Date, due: readonly Half[]): Promise<number> {
  return db.transaction().execute(async (trx) => {
    const free = await lockFreeMeetingLanes(
      trx,
      due.map(({ tenantId, meetingId, partnerId }) => ({ tenantId, meetingIds: [meetingId, partnerId] })),
    );
    const ids = due.filter((_half, place) => free.has(place)).map(({ meetingId }) => meetingId);
    // Before the lanes were locked, the other half may have come, and another half may have been held.
    const { rows } = await sql<Selectable<Database['host_event_half']>>`
      delete from host_event_half where meeting_id in (
        select meeting_id from host_event_half where meeting_id = any(${ids}::uuid[]) and held_at <= ${heldBefore} for update skip locked)
      returning *`.execute(trx);
    const gone = rows.map(halfOf).sort((one, other) => one.heldAt.getTime() - other.heldAt.getTime());
    await appendHostEvents(trx, gone.map(eventOf));
    return gone.length;
  });
}

function halfOf(row: Selectable<Database['host_event_half']>): Half {
  const { meeting_id: meetingId, partner_id: partnerId, tenant_id: tenantId, type, data, held_at: heldAt } = row;
  return { meetingId, partnerId, tenantId, type: type as HalfType, data: data as unknown as MeetingData, heldAt };
}

function eventOf({ meetingId, tenantId, type, data, heldAt }: Half): NewHostEvent {
  return { type, at: heldAt, tenantId, lanes: [meetingLane(meetingId)], data };
}
