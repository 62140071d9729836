import type { SandboxContext } from '../context.ts';
import type { Invitee, ScheduledEvent } from '../state.ts';
import { inviteeUri, uriOf } from '../uris.ts';
import { viewEventInDelivery } from './event-view.ts';

/** An invitee as the API shows one: like the payload of a delivery, but without the event inside. */
export function viewInvitee(context: SandboxContext, invitee: Invitee): object {
  return { ...fieldsBeforeEvent(context, invitee), ...fieldsAfterEvent(context, invitee) };
}

/** The payload of a delivery. The keys are in the order that was recorded from Calendly: alphabetical, except for tracking. */
export function inviteePayload(context: SandboxContext, invitee: Invitee, event: ScheduledEvent): object {
  return {
    ...fieldsBeforeEvent(context, invitee),
    scheduled_event: viewEventInDelivery(context, event),
    ...fieldsAfterEvent(context, invitee),
  };
}

function fieldsBeforeEvent(context: SandboxContext, invitee: Invitee): object {
  return {
    cancel_url: cancelUrl(context, invitee.uuid),
    ...(invitee.cancellation && { cancellation: invitee.cancellation }),
    created_at: invitee.createdAt,
    email: invitee.email,
    event: uriOf(context, 'scheduled_events', invitee.event),
    first_name: invitee.firstName ?? null,
    invitee_scheduled_by: invitee.scheduledBy && uriOf(context, 'users', invitee.scheduledBy),
    last_name: invitee.lastName ?? null,
    name: invitee.name,
    new_invitee: linked(context, invitee.newInvitee),
    no_show: invitee.noShow && {
      created_at: invitee.noShow.createdAt,
      uri: uriOf(context, 'invitee_no_shows', invitee.noShow.uuid),
    },
    old_invitee: linked(context, invitee.oldInvitee),
    payment: null,
    questions_and_answers: [],
    reconfirmation: null,
    reschedule_url: rescheduleUrl(context, invitee.uuid),
    rescheduled: invitee.rescheduled,
    routing_form_submission: null,
  };
}

function fieldsAfterEvent(context: SandboxContext, invitee: Invitee): object {
  return {
    scheduling_method: invitee.schedulingMethod,
    status: invitee.status,
    text_reminder_number: null,
    timezone: invitee.timezone,
    tracking: {
      utm_campaign: null,
      utm_source: null,
      utm_medium: null,
      utm_content: null,
      utm_term: null,
      salesforce_uuid: null,
    },
    updated_at: invitee.updatedAt,
    uri: inviteeUri(context, invitee),
  };
}

/** Calendly's addresses are on calendly.com. These lead to the sandbox's own pages, so that they can be opened. */
export function cancelUrl(context: SandboxContext, invitee: string): string {
  return `${context.publicUrl}/cancellations/${invitee}`;
}

export function rescheduleUrl(context: SandboxContext, invitee: string): string {
  return `${context.publicUrl}/reschedulings/${invitee}`;
}

function linked(context: SandboxContext, uuid: string | null): string | null {
  const invitee = uuid === null ? undefined : context.state.invitees.find((other) => other.uuid === uuid);
  return invitee ? inviteeUri(context, invitee) : null;
}
