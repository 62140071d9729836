import type { EventState, MeetingState, NoShow, Observation } from './observation.ts';
import type { Perspective } from './perspective.ts';
import { readEvent, readHosts } from './read-event.ts';
import { readInvitee, readInviteeLinks } from './read-invitee.ts';
import { readText, type JsonObject } from './read-json.ts';

/** What one invitee (and its event, where that was shown) amounts to. Null: it has no identity. */
export function observe(
  invitee: JsonObject,
  event: JsonObject | null,
  noShow: NoShow | null,
  perspective: Perspective,
): Observation | null {
  const links = readInviteeLinks(invitee, event);
  if (links === null) return null;
  const eventState: EventState = {
    uri: links.eventUri,
    concernsAccount: concerns(event, perspective),
    part: event === null ? null : readEvent(event),
  };
  const meeting: MeetingState = {
    ...links,
    part: readInvitee(invitee),
    canceled: readText(invitee['status']) === 'canceled',
    noShow,
    first: { source: perspective.source, receivedAt: perspective.receivedAt },
  };
  return { event: eventState, meeting };
}

/**
 * An organization's subscription is about all its members. A user's is about the events that this user hosts; where a
 * payload names only other hosts, it is kept without being shown until one names the account (a host can be replaced).
 */
function concerns(event: JsonObject | null, { scope, accountUri }: Perspective): boolean {
  const hosts = event === null ? [] : readHosts(event);
  return scope === 'organization' || hosts.length === 0 || hosts.includes(accountUri);
}
