import type { EventState, MeetingState, Source } from './observation.ts';
import { readText } from './read-json.ts';
import { EARLIEST } from './timestamp.ts';

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

/** By Calendly's clock, so that it does not depend on when and in which order we heard of it. */
function latestChange(event: EventState['part'], { part, noShow, first }: MeetingState): string {
  const marked = noShow === null || noShow.uri === null ? EARLIEST : noShow.at;
  const latest = [event?.updatedAt ?? EARLIEST, marked].reduce((one, other) => (one > other ? one : other), part.updatedAt);
  return latest === EARLIEST ? first.receivedAt : latest;
}
