import type { EventState, MeetingState, NoShow, NoShowTimes, Observation } from './observation.ts';
import type { Perspective } from './perspective.ts';
import { readEvent } from './read-event.ts';
import { readInvitee, readInviteeLinks } from './read-invitee.ts';
import { readText, type JsonObject } from './read-json.ts';

/** What one invitee (and its event, where that was shown) amounts to. Null: it has no identity. */
export function observe(
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
