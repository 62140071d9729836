import { canonicalJson } from './canonical-json.ts';
import type { EventPart, EventState, InviteePart, MeetingState, NoShow } from './observation.ts';
import type { Timestamp } from './timestamp.ts';

/**
 * The merge is a join: commutative, associative and idempotent. So deliveries may come late, twice and in any order, between pages of a
 * back-fill, and in the end the rows are the same. Each part is merged by its own clock.
 */
export function mergeEvent(one: EventState, other: EventState): EventState {
  return {
    uri: one.uri,
    part: latest(one.part, other.part, eventProgress),
  };
}

export function mergeMeeting(one: MeetingState, other: MeetingState): MeetingState {
  return {
    inviteeUri: one.inviteeUri,
    eventUri: least(one.eventUri, other.eventUri),
    part: latest(one.part, other.part, () => 0),
    // A cancellation is final: somebody who books again becomes a new invitee.
    canceled: one.canceled || other.canceled,
    noShow: latestNoShow(one.noShow, other.noShow),
    noShowTimes: {
      marked: latestTime(one.noShowTimes.marked, other.noShowTimes.marked),
      removed: latestTime(one.noShowTimes.removed, other.noShowTimes.removed),
    },
    rescheduledFrom: either(one.rescheduledFrom, other.rescheduledFrom),
    rescheduledTo: either(one.rescheduledTo, other.rescheduledTo),
    first: firstOf(one.first, other.first),
  };
}

/** The later part. If the times are equal, the one with the further progress, then the first in canonical JSON. */
function latest<Part extends EventPart | InviteePart | null>(
  one: Part,
  other: Part,
  progress: (part: NonNullable<Part>) => number,
): Part {
  if (one === null) return other;
  if (other === null) return one;
  if (one.updatedAt !== other.updatedAt) return one.updatedAt > other.updatedAt ? one : other;
  const lead = progress(one) - progress(other);
  if (lead !== 0) return lead > 0 ? one : other;
  return canonicalJson(one) <= canonicalJson(other) ? one : other;
}

/**
 * Calendly does not say that `updated_at` moves when a conference link is made, and "processing" is seen before "pushed".
 * So if two versions have the same time, the one that Calendly must have shown later wins.
 */
function eventProgress(part: EventPart): number {
  const place = ['initiated', 'processing'].indexOf(String(part.location?.['status']));
  return (part.status === 'canceled' ? 10 : 0) + (part.location === null ? 0 : place === -1 ? 3 : place + 1);
}

function latestNoShow(one: NoShow | null, other: NoShow | null): NoShow | null {
  if (one === null || other === null) return one ?? other;
  if (one.at !== other.at) return one.at > other.at ? one : other;
  return { at: one.at, uri: either(one.uri, other.uri) };
}

function latestTime(one: Timestamp | null, other: Timestamp | null): Timestamp | null {
  if (one === null || other === null) return one ?? other;
  return one > other ? one : other;
}

/**
 * True if the merged state has to be written. Every poll confirms again that a meeting has no mark, and that alone is no reason to write.
 * (Why: docs/decisions/0033.)
 */
export function isNewsOf(known: MeetingState, merged: MeetingState): boolean {
  const stillUnmarked = (known.noShow?.uri ?? null) === null && (merged.noShow?.uri ?? null) === null;
  return canonicalJson(stillUnmarked ? { ...merged, noShow: known.noShow } : merged) !== canonicalJson(known);
}

function firstOf(one: MeetingState['first'], other: MeetingState['first']): MeetingState['first'] {
  if (one.receivedAt !== other.receivedAt) return one.receivedAt < other.receivedAt ? one : other;
  return { receivedAt: one.receivedAt, source: least(one.source, other.source) };
}

/** Links are set once. Two different ones should not occur. If they do, the choice must not depend on the order. */
function either(one: string | null, other: string | null): string | null {
  return one === null || other === null ? (one ?? other) : least(one, other);
}

function least<Text extends string>(one: Text, other: Text): Text {
  return one <= other ? one : other;
}
