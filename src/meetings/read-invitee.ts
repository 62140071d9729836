import type { InviteePart } from './observation.ts';
import { readText, readUri, type JsonObject } from './read-json.ts';
import { EARLIEST, parseTimestamp } from './timestamp.ts';

/** An invitee as the payload of a delivery and `GET /scheduled_events/{uuid}/invitees` show it. */
export function readInvitee(invitee: JsonObject): InviteePart {
  return {
    updatedAt: parseTimestamp(invitee['updated_at']) ?? parseTimestamp(invitee['created_at']) ?? EARLIEST,
    name: readText(invitee['name']) ?? joinedName(invitee),
    email: readText(invitee['email']),
    // May be a legacy alias such as Asia/Calcutta: it is the invitee's own, so it is shown as it came.
    timezone: readText(invitee['timezone']),
    cancelUrl: readText(invitee['cancel_url']),
    rescheduleUrl: readText(invitee['reschedule_url']),
  };
}

/** Event types that ask for two names send both; `name` could be null in deliveries of 2020. */
function joinedName(invitee: JsonObject): string | null {
  const names = [readText(invitee['first_name']), readText(invitee['last_name'])].filter(
    (name) => name !== null && name !== '',
  );
  return names.length === 0 ? null : names.join(' ');
}

export type InviteeLinks = Readonly<{
  inviteeUri: string;
  eventUri: string;
  rescheduledFrom: string | null;
  rescheduledTo: string | null;
}>;

/** Null without an identity: such an invitee cannot be kept apart from others. */
export function readInviteeLinks(invitee: JsonObject, event: JsonObject | null): InviteeLinks | null {
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
