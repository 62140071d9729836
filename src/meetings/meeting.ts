import type { EventState, MeetingState, Source } from './observation.ts';
import { readText } from './read-json.ts';
import { EARLIEST, justAfter, type Timestamp } from './timestamp.ts';

/** A meeting as the HTTP contract shows it. */
export type Meeting = {
  id: string;
  eventUri: string;
  inviteeUri: string;
  status: 'active' | 'canceled';
  name: string | null;
  email: string | null;
  startTime: string | null;
  endTime: string | null;
  timezone: string | null;
  location: Readonly<Record<string, unknown>> | null;
  joinUrl: string | null;
  cancelUrl: string | null;
  rescheduleUrl: string | null;
  rescheduledFrom: string | null;
  rescheduledTo: string | null;
  noShow: boolean;
  source: Source;
  receivedAt: string;
  updatedAt: string;
};

export function showMeeting(id: string, { part: event }: EventState, state: MeetingState): Meeting {
  return {
    id,
    eventUri: state.eventUri,
    inviteeUri: state.inviteeUri,
    // When a host cancels the event, its own cancellation can arrive before those of its invitees.
    status: state.canceled || event?.status === 'canceled' ? 'canceled' : 'active',
    name: state.part.name,
    email: state.part.email,
    startTime: event?.startTime ?? null,
    endTime: event?.endTime ?? null,
    timezone: state.part.timezone,
    location: event?.location ?? null,
    joinUrl: readText(event?.location?.['join_url']),
    cancelUrl: state.part.cancelUrl,
    rescheduleUrl: state.part.rescheduleUrl,
    rescheduledFrom: state.rescheduledFrom,
    rescheduledTo: state.rescheduledTo,
    noShow: state.noShow !== null && state.noShow.uri !== null,
    source: state.first.source,
    receivedAt: state.first.receivedAt,
    updatedAt: latestChange(event, state),
  };
}

/**
 * The latest change by Calendly's clock, so that it does not depend on when, or in which order, the changes arrived. It never goes back.
 */
function latestChange(event: EventState['part'], { part, noShow, noShowTimes, first }: MeetingState): string {
  const latest = [event?.updatedAt ?? EARLIEST, noShowChange(noShow, noShowTimes)].reduce(
    (one, other) => (one > other ? one : other),
    part.updatedAt,
  );
  return latest === EARLIEST ? first.receivedAt : latest;
}

/**
 * When the no-show mark last changed. If a mark was removed, the delivery of the removal tells when. If only a page shows that the mark is
 * missing, the time is not known, and counts as just after the mark. If the delivery of the removal comes later, the time moves forward.
 */
function noShowChange(noShow: MeetingState['noShow'], { marked, removed }: MeetingState['noShowTimes']): Timestamp {
  const isMarked = noShow !== null && noShow.uri !== null;
  const mark = marked === null ? EARLIEST : isMarked ? marked : justAfter(marked);
  return removed !== null && removed > mark ? removed : mark;
}
