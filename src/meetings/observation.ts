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
  /** Calendly's object as it is: its kinds are an open list. */
  location: Readonly<Record<string, unknown>> | null;
}>;

export type EventState = Readonly<{
  uri: string;
  /** Null: only its invitees have been seen (deliveries of 2020 had no scheduled_event). */
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

/** Marked as a no-show (`uri`), or not (null), as was the case at `at`. */
export type NoShow = Readonly<{ at: Timestamp; uri: string | null }>;

/**
 * When marks were made and taken back, each the latest that Calendly gave a time of. A page that shows no mark gives none: it is
 * evidence against a mark, and says nothing about when.
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
  /** Who brought this meeting first, and when. */
  first: Readonly<{ source: Source; receivedAt: Timestamp }>;
}>;

/**
 * One invitee of one scheduled event, as a delivery or a page of the API showed it. It has the form of what is stored:
 * an observation is the state of somebody who has seen nothing else, and applying it is merging two states.
 */
export type Observation = Readonly<{ event: EventState; meeting: MeetingState }>;
