import { createHash } from 'node:crypto';
import type { Insertable, Selectable } from 'kysely';
import type { Database } from '../db/database.ts';
import type { JsonValue } from '../db/types.ts';
import type { EventState, MeetingState, Source } from './observation.ts';
import { readObject } from './read-json.ts';
import { timestampOf, type Timestamp } from './timestamp.ts';

export type Owner = Readonly<{ tenantId: string; accountUri: string }>;

/**
 * Turns the states of the merge into rows (with JSON: see write-rows.ts) and back without loss, because what is read is merged with what
 * comes in.
 */
export function eventState(row: Selectable<Database['scheduled_event']>): EventState {
  return {
    uri: row.uri,
    part:
      row.updated_at === null
        ? null
        : {
            updatedAt: row.updated_at as Timestamp,
            status: row.status,
            name: row.name,
            eventType: row.event_type,
            startTime: row.start_time as Timestamp | null,
            endTime: row.end_time as Timestamp | null,
            location: readObject(row.location),
          },
  };
}

export function eventRow(
  { tenantId, accountUri }: Owner,
  { uri, part }: EventState,
): Insertable<Database['scheduled_event']> {
  return {
    tenant_id: tenantId,
    account_uri: accountUri,
    uri,
    updated_at: part?.updatedAt ?? null,
    status: part?.status ?? null,
    name: part?.name ?? null,
    event_type: part?.eventType ?? null,
    start_time: part?.startTime ?? null,
    end_time: part?.endTime ?? null,
    location: (part?.location ?? null) as JsonValue,
  };
}

export function meetingState(row: Selectable<Database['meeting']>): MeetingState {
  return {
    inviteeUri: row.invitee_uri,
    eventUri: row.event_uri,
    part: {
      updatedAt: row.updated_at as Timestamp,
      name: row.name,
      email: row.email,
      timezone: row.timezone,
      cancelUrl: row.cancel_url,
      rescheduleUrl: row.reschedule_url,
    },
    canceled: row.canceled,
    noShow: row.no_show_at === null ? null : { at: row.no_show_at as Timestamp, uri: row.no_show_uri },
    noShowTimes: {
      // A row of an earlier release has the mark, but not its time.
      marked: (row.no_show_marked_at ?? (row.no_show_uri === null ? null : row.no_show_at)) as Timestamp | null,
      removed: row.no_show_removed_at as Timestamp | null,
    },
    rescheduledFrom: row.rescheduled_from,
    rescheduledTo: row.rescheduled_to,
    first: { source: row.source as Source, receivedAt: timestampOf(row.received_at) },
  };
}

export function meetingRow(owner: Owner, state: MeetingState): Insertable<Database['meeting']> {
  return {
    id: meetingId(owner, state.inviteeUri),
    tenant_id: owner.tenantId,
    account_uri: owner.accountUri,
    event_uri: state.eventUri,
    invitee_uri: state.inviteeUri,
    updated_at: state.part.updatedAt,
    name: state.part.name,
    email: state.part.email,
    timezone: state.part.timezone,
    cancel_url: state.part.cancelUrl,
    reschedule_url: state.part.rescheduleUrl,
    canceled: state.canceled,
    no_show_at: state.noShow?.at ?? null,
    no_show_uri: state.noShow?.uri ?? null,
    no_show_marked_at: state.noShowTimes.marked,
    no_show_removed_at: state.noShowTimes.removed,
    rescheduled_from: state.rescheduledFrom,
    rescheduled_to: state.rescheduledTo,
    source: state.first.source,
    received_at: state.first.receivedAt,
  };
}

/** A UUID (version 8) computed from the meeting's identity: the same meeting always gets the same id. */
export function meetingId({ tenantId, accountUri }: Owner, inviteeUri: string): string {
  const bytes = createHash('sha256')
    .update(JSON.stringify([tenantId, accountUri, inviteeUri]))
    .digest()
    .subarray(0, 16);
  bytes[6] = (bytes[6]! & 0x0f) | 0x80;
  bytes[8] = (bytes[8]! & 0x3f) | 0x80;
  return bytes.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
}
