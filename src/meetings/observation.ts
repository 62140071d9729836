import type { Timestamp } from './timestamp.ts';

export type Source = 'webhook' | 'backfill' | 'polling';

/** What a scheduled event says about itself, valid from `updatedAt`. */
export type EventPart = Readonly<{
  updatedAt: Timestamp;
  status: string | null;
  name: string | null;
  eventType: string | null;
  startTime: Timestamp | null;
  endTime: Timestamp | null;
  /** Calendly's object, unchanged: Calendly may add new kinds of location at any time. */
  location: Readonly<Record<string, unknown>> | null;
}>;

export type EventState = Readonly<{
  uri: string;
  /** Null: only the event's invitees were seen (deliveries of 2020 had no scheduled_event). */
  part: EventPart | null;
}>;

/** What an invitee says about itself, valid from `updatedAt`. */
export type InviteePart = Readonly<{
  updatedAt: Timestamp;
  name: string | null;
  email: string | null;
  timezone: string | null;
  cancelUrl: string | null;
  rescheduleUrl: string | null;
}>;

/** Marked as a no-show (`uri`) or not marked (null), at the time `at`. */
export type NoShow = Readonly<{ at: Timestamp; uri: string | null }>;

/**
 * When marks were made and removed: the latest time of each that Calendly gave. A page without a mark proves that there is none, but does
 * not say when it was removed.
 */
export type NoShowTimes = Readonly<{ marked: Timestamp | null; removed: Timestamp | null }>;

export type MeetingState = Readonly<{
  inviteeUri: string;
  eventUri: string;
  part: InviteePart;
  canceled: boolean;
  noShow: NoShow | null;
  noShowTimes: NoShowTimes;
  rescheduledFrom: string | null;
  rescheduledTo: string | null;
  /** Where this meeting was first seen, and when. */
  first: Readonly<{ source: Source; receivedAt: Timestamp }>;
}>;

/**
 * One invitee of one scheduled event, as a delivery or a page of the API showed it. It has the form of what is stored:
 * an observation is the state that would be stored if nothing else had been seen. Applying it means merging two states.
 */
export type Observation = Readonly<{ event: EventState; meeting: MeetingState }>;

/** How and when something was seen. */
export type Perspective = Readonly<{
  source: Source;
  receivedAt: Timestamp;
}>;
