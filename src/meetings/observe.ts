import type {
  NoShow,
  Observation,
  Perspective,
  EventState,
  MeetingState,
  NoShowTimes,
  EventPart,
  InviteePart,
} from './observation.ts';
import { readObject, readUri, type JsonObject, readText, readOpenObject } from './read-json.ts';
import { EARLIEST, parseTimestamp, timestampOf, type Timestamp } from './timestamp.ts';

/** The events whose payload is an invitee. A subscription may have other events, but they say nothing about meetings. */
export const INVITEE_EVENTS = [
  'invitee.created',
  'invitee.canceled',
  'invitee_no_show.created',
  'invitee_no_show.deleted',
];

/**
 * Reads what a delivery says about a meeting. Payloads have got more members over the years, and older ones without them are read as well.
 * Returns null if it is not an invitee that can be told apart from others.
 */
export function observePayload(envelope: JsonObject, perspective: Perspective): Observation | null {
  const payload = readObject(envelope['payload']);
  if (payload === null) return null;
  const noShow = noShowOfDelivery(envelope, payload);
  const removed = noShow?.uri === null ? noShow.at : null;
  const observation = observe(payload, readObject(payload['scheduled_event']), { noShow, removed }, perspective);
  if (observation === null || envelope['event'] !== 'invitee.canceled') return observation;
  return { ...observation, meeting: { ...observation.meeting, canceled: true } };
}

/** A payload without a no-show does not mean that there is none, unless the event is its removal. */
function noShowOfDelivery(envelope: JsonObject, payload: JsonObject): NoShow | null {
  if (envelope['event'] === 'invitee_no_show.deleted') {
    return { at: timeOfRemoval(envelope['created_at'], payload['updated_at']), uri: null };
  }
  const noShow = readObject(payload['no_show']);
  const uri = readUri(noShow?.['uri']);
  if (noShow === null || uri === null) return null;
  return { at: parseTimestamp(noShow['created_at']) ?? parseTimestamp(envelope['created_at']) ?? EARLIEST, uri };
}

/**
 * Reads what `GET /scheduled_events` and `GET /scheduled_events/{uuid}/invitees` say about one invitee. `requestedAt`: just before the
 * request for the invitees was sent. The answer shows the state at that time or later.
 */
export function observePageItem(
  event: unknown,
  invitee: unknown,
  perspective: Perspective & { requestedAt: Date },
): Observation | null {
  const inviteeObject = readObject(invitee);
  if (inviteeObject === null) return null;
  return observe(
    inviteeObject,
    readObject(event),
    {
      noShow: noShowOfPage(inviteeObject['no_show'], perspective.requestedAt),
      removed: null,
    },
    perspective,
  );
}

/** Our clock may be ahead of Calendly's. Without this margin, a mark made just after the answer would count as removed. */
const CLOCK_MARGIN_MS = 60_000;

/** On a page, a missing mark means that there is none: if the delivery of its removal was lost, nothing else shows the removal. */
function noShowOfPage(noShow: unknown, requestedAt: Date): NoShow | null {
  if (noShow === undefined) return null;
  const mark = readObject(noShow);
  const asOf = timestampOf(new Date(requestedAt.getTime() - CLOCK_MARGIN_MS));
  return { at: parseTimestamp(mark?.['created_at']) ?? asOf, uri: readUri(mark?.['uri']) };
}

/** Makes the observation of one invitee, and of its event if that was shown. Returns null if the invitee has no identity. */
function observe(
  invitee: JsonObject,
  event: JsonObject | null,
  { noShow, removed }: { noShow: NoShow | null; removed: NoShowTimes['removed'] },
  perspective: Perspective,
): Observation | null {
  const links = readInviteeLinks(invitee, event);
  if (links === null) return null;
  const eventState: EventState = {
    uri: links.eventUri,
    part: event === null ? null : readEvent(event),
  };
  const meeting: MeetingState = {
    ...links,
    part: readInvitee(invitee),
    canceled: readText(invitee['status']) === 'canceled',
    noShow,
    noShowTimes: { marked: noShow?.uri == null ? null : noShow.at, removed },
    first: { source: perspective.source, receivedAt: perspective.receivedAt },
  };
  return { event: eventState, meeting };
}

/** Reads a scheduled event from a delivery or from `GET /scheduled_events`. Missing members are null, and unknown ones are ignored. */
function readEvent(event: JsonObject): EventPart {
  return {
    updatedAt: parseTimestamp(event['updated_at']) ?? parseTimestamp(event['created_at']) ?? EARLIEST,
    status: readText(event['status']),
    name: readText(event['name']),
    eventType: readText(event['event_type']),
    startTime: parseTimestamp(event['start_time']),
    endTime: parseTimestamp(event['end_time']),
    location: readOpenObject(event['location']),
  };
}

/** Reads an invitee from the payload of a delivery or from `GET /scheduled_events/{uuid}/invitees`. */
function readInvitee(invitee: JsonObject): InviteePart {
  return {
    updatedAt: parseTimestamp(invitee['updated_at']) ?? parseTimestamp(invitee['created_at']) ?? EARLIEST,
    name: readText(invitee['name']) ?? joinedName(invitee),
    email: readText(invitee['email']),
    // May be an old alias such as Asia/Calcutta. It is the invitee's own, so it is shown as it came.
    timezone: readText(invitee['timezone']),
    cancelUrl: readText(invitee['cancel_url']),
    rescheduleUrl: readText(invitee['reschedule_url']),
  };
}

/** Event types that ask for two names send both. In deliveries of 2020, `name` could be null. */
function joinedName(invitee: JsonObject): string | null {
  const names = [readText(invitee['first_name']), readText(invitee['last_name'])].filter(
    (name) => name !== null && name !== '',
  );
  return names.length === 0 ? null : names.join(' ');
}

type InviteeLinks = Readonly<{
  inviteeUri: string;
  eventUri: string;
  rescheduledFrom: string | null;
  rescheduledTo: string | null;
}>;

/** Returns null without an identity, because such an invitee cannot be told apart from others. */
function readInviteeLinks(invitee: JsonObject, event: JsonObject | null): InviteeLinks | null {
  const inviteeUri = readUri(invitee['uri']);
  // An invitee's URI lies below its event's.
  const below = inviteeUri?.match(/^(.+\/scheduled_events\/[^/]+)\/invitees\/[^/]+$/)?.[1] ?? null;
  const eventUri = readUri(event?.['uri']) ?? readUri(invitee['event']) ?? below;
  if (inviteeUri === null || eventUri === null) return null;
  return {
    inviteeUri,
    eventUri,
    rescheduledFrom: readUri(invitee['old_invitee']),
    rescheduledTo: readUri(invitee['new_invitee']),
  };
}

const LONGEST_LAG_MS = 2_000;

/**
 * When a no-show was removed. `invitee_no_show.deleted` carries no time of its own, so two other times decide. The envelope's `created_at`
 * follows the change by 0.06–1.2 s, but is cut to the second: if a mark of 12:00:05.4 was removed at 12:00:05.9, it says 12:00:05, which is
 * before the mark. So the end of that second counts, because people more often remove a mark within a second than set it again within a
 * second. If the invitee's `updated_at` is no further from the envelope than that delay, this change has set it, and it has microseconds.
 * Otherwise it is the time of an earlier change and says nothing.
 */
export function timeOfRemoval(envelopeCreatedAt: unknown, inviteeUpdatedAt: unknown): Timestamp {
  const sent = parseTimestamp(envelopeCreatedAt);
  const updated = parseTimestamp(inviteeUpdatedAt);
  if (sent === null) return updated ?? EARLIEST;
  const endOfSecond = sent.endsWith('.000000Z') ? (sent.replace('.000000Z', '.999999Z') as Timestamp) : sent;
  const earliest = timestampOf(new Date(Date.parse(sent) - LONGEST_LAG_MS));
  return updated !== null && updated >= earliest && updated <= endOfSecond ? updated : endOfSecond;
}
