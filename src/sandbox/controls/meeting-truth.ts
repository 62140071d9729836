import { requireAccount } from '../accounts.ts';
import { cancelUrl, rescheduleUrl } from '../bookings/invitee-view.ts';
import { noLocation, refreshLocation } from '../bookings/location.ts';
import type { SandboxContext } from '../context.ts';
import type { SandboxMeeting } from './controls.ts';
import type { Invitee, ScheduledEvent } from '../state.ts';
import { inviteeUri, uriOf } from '../uris.ts';

export function meetingTruth(context: SandboxContext, account?: string): SandboxMeeting[] {
  const host = account === undefined ? null : requireAccount(context, account).uuid;
  const events = new Map(context.state.events.map((event) => [event.uuid, event]));
  const invitees = new Map(context.state.invitees.map((invitee) => [invitee.uuid, invitee]));
  const uri = (uuid: string | null) => (uuid === null ? null : inviteeUri(context, invitees.get(uuid)!));
  return context.state.invitees
    .filter((invitee) => host === null || events.get(invitee.event)!.host === host)
    .map((invitee) => viewMeeting(context, invitee, events.get(invitee.event)!, uri));
}

function viewMeeting(
  context: SandboxContext,
  invitee: Invitee,
  event: ScheduledEvent,
  uri: (uuid: string | null) => string | null,
): SandboxMeeting {
  refreshLocation(context, event);
  const { cancellation, noShow } = invitee;
  return {
    account: requireAccount(context, event.host).slug,
    eventUri: uriOf(context, 'scheduled_events', event.uuid),
    inviteeUri: inviteeUri(context, invitee),
    status: invitee.status,
    eventStatus: event.status,
    name: invitee.name,
    email: invitee.email,
    eventName: event.name,
    startTime: event.startTime,
    endTime: event.endTime,
    timezone: invitee.timezone,
    location: structuredClone(event.location ?? noLocation()),
    cancelUrl: cancelUrl(context, invitee.uuid),
    rescheduleUrl: rescheduleUrl(context, invitee.uuid),
    rescheduledFrom: uri(invitee.oldInvitee),
    rescheduledTo: uri(invitee.newInvitee),
    noShow: noShow && { uri: uriOf(context, 'invitee_no_shows', noShow.uuid), createdAt: noShow.createdAt },
    cancellation: cancellation && {
      canceledBy: cancellation.canceled_by,
      cancelerType: cancellation.canceler_type,
      reason: cancellation.reason,
    },
    createdAt: invitee.createdAt,
    updatedAt: invitee.updatedAt,
  };
}
