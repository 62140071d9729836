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
    // A host cancels the event; the word of each of its invitees may be still to come.
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

/** By Calendly's clock, so that it does not depend on when and in which order we heard of it. It never goes back. */
function latestChange(event: EventState['part'], { part, noShow, noShowTimes, first }: MeetingState): string {
  const latest = [event?.updatedAt ?? EARLIEST, noShowChange(noShow, noShowTimes)].reduce(
    (one, other) => (one > other ? one : other),
    part.updatedAt,
  );
  return latest === EARLIEST ? first.receivedAt : latest;
}

/**
 * A mark that is gone was taken back at the time that its removal's delivery told. Where only a page shows that it is gone, all
 * that is known is: after the mark. The removal's delivery, should it still come, only moves this forward.
 */
function noShowChange(noShow: MeetingState['noShow'], { marked, removed }: MeetingState['noShowTimes']): Timestamp {
  const isMarked = noShow !== null && noShow.uri !== null;
  const mark = marked === null ? EARLIEST : isMarked ? marked : justAfter(marked);
  return removed !== null && removed > mark ? removed : mark;
}
