import { requireAccount } from '../accounts.ts';
import type { SandboxContext } from '../context.ts';
import type { ScheduledEvent } from '../state.ts';
import { uriOf } from '../uris.ts';
import { calendarEventOf } from './calendar.ts';
import { noLocation, refreshLocation } from './location.ts';

/** A scheduled event inside a delivery: without calendar_event and without buffered times. */
export function viewEventInDelivery(context: SandboxContext, event: ScheduledEvent): object {
  return viewEvent(context, event, {}, {});
}

/** A scheduled event as the API shows it. */
export function viewEventInApi(context: SandboxContext, event: ScheduledEvent): object {
  const { externalId, kind } = calendarEventOf(event);
  return viewEvent(
    context,
    event,
    { calendar_event: { external_id: externalId, kind } },
    { buffered_end_time: event.endTime, buffered_start_time: event.startTime },
  );
}

/** The keys are in Calendly's order: alphabetical, except for the counter. */
function viewEvent(context: SandboxContext, event: ScheduledEvent, first: object, membership: object): object {
  refreshLocation(context, event);
  const host = requireAccount(context, event.host);
  const invitees = context.state.invitees.filter((invitee) => invitee.event === event.uuid);
  return {
    ...first,
    ...(event.cancellation && { cancellation: event.cancellation }),
    created_at: event.createdAt,
    end_time: event.endTime,
    event_guests: [],
    event_memberships: [
      { ...membership, user: uriOf(context, 'users', host.uuid), user_email: host.email, user_name: host.name },
    ],
    event_type: uriOf(context, 'event_types', event.eventType),
    invitees_counter: {
      total: invitees.length,
      active: invitees.filter(({ status }) => status === 'active').length,
      limit: event.inviteesLimit,
    },
    location: event.location ?? noLocation(),
    meeting_notes_html: null,
    meeting_notes_plain: null,
    name: event.name,
    start_time: event.startTime,
    status: event.status,
    updated_at: event.updatedAt,
    uri: uriOf(context, 'scheduled_events', event.uuid),
  };
}
