import { inviteePayload } from '../bookings/invitee-view.ts';
import type { SandboxContext } from '../context.ts';
import type { Account, Cancellation, Invitee, ScheduledEvent } from '../state.ts';
import { uriOf } from '../uris.ts';
import { viewEventType } from './event-type-view.ts';

const AT = '2026-03-04T10:20:30.405060Z';
const ID = '5a3b1e70-2f4d-4c8b-9e16-7d0f8c2a4b90';

/** Invented values in the shape of each event. */
export function samplePayload(context: SandboxContext, host: Account, event: string): object {
  const [family, action] = event.split('.') as [string, string];
  switch (family) {
    case 'event_type':
      return { ...viewEventType(context, host), deleted_at: action === 'deleted' ? AT : null };
    case 'contact':
      return {
        contact: action === 'deleted' ? { deleted_at: AT, uri: at(context, 'contacts') } : contact(context),
        user_uuid: host.uuid,
      };
    case 'meeting_recap':
      return recap(context, host, action);
    case 'routing_form_submission':
      return submission(context);
    default:
      return sampleInvitee(context, host, event);
  }
}

/** The account's latest booking, if there is one, in the form of a delivery. It is shown, not changed. */
function sampleInvitee(context: SandboxContext, host: Account, event: string): object {
  const [scheduled, invitee] = latestBooking(context, host) ?? inventedBooking(host);
  return inviteePayload(
    context,
    asToldBy(event, invitee, host),
    event === 'invitee.canceled' ? canceled(scheduled, host) : scheduled,
  );
}

function latestBooking({ state }: SandboxContext, host: Account): [ScheduledEvent, Invitee] | null {
  const events = new Map(state.events.filter((event) => event.host === host.uuid).map((event) => [event.uuid, event]));
  const latest = state.invitees
    .filter((invitee) => events.has(invitee.event))
    .sort(byCreation)
    .at(-1);
  return latest === undefined ? null : [structuredClone(events.get(latest.event)!), structuredClone(latest)];
}

const byCreation = (a: Invitee, b: Invitee): number => (a.createdAt < b.createdAt ? -1 : 1);

function asToldBy(event: string, invitee: Invitee, host: Account): Invitee {
  if (event === 'invitee.canceled') return canceled(invitee, host);
  if (event === 'invitee_no_show.created') return { ...invitee, noShow: invitee.noShow ?? { uuid: ID, createdAt: AT } };
  return event === 'invitee_no_show.deleted' ? { ...invitee, noShow: null } : invitee;
}

function canceled<T extends Invitee | ScheduledEvent>(item: T, host: Account): T {
  const cancellation: Cancellation = { canceled_by: host.name, canceler_type: 'host', created_at: AT, reason: '' };
  return { ...item, status: 'canceled', cancellation: item.cancellation ?? cancellation };
}

function inventedBooking(host: Account): [ScheduledEvent, Invitee] {
  const scheduled: ScheduledEvent = {
    uuid: ID,
    host: host.uuid,
    organization: host.organization,
    eventType: host.eventType,
    name: '30 Minute Meeting',
    startTime: '2026-03-06T09:00:00.000000Z',
    endTime: '2026-03-06T09:30:00.000000Z',
    location: { location: '12 Sample Street', type: 'physical' },
    locationReadyAtMs: null,
    inviteesLimit: 1,
    status: 'active',
    cancellation: null,
    createdAt: AT,
    updatedAt: AT,
  };
  const invitee: Invitee = {
    uuid: ID,
    event: ID,
    name: 'Sam Sample',
    email: 'sam@sample.example',
    timezone: 'Europe/Paris',
    status: 'active',
    rescheduled: false,
    oldInvitee: null,
    newInvitee: null,
    noShow: null,
    cancellation: null,
    scheduledBy: null,
    schedulingMethod: null,
    createdAt: AT,
    updatedAt: AT,
  };
  return [scheduled, invitee];
}

function contact(context: SandboxContext): object {
  return {
    created_at: AT,
    creation_source: 'manual',
    emails: [{ address: 'sam@sample.example', primary: true }],
    last_interaction_date: null,
    last_meeting_date: null,
    name: 'Sam Sample',
    next_meeting_date: null,
    updated_at: AT,
    uri: at(context, 'contacts'),
  };
}

function recap(context: SandboxContext, host: Account, action: string): object {
  const event = { uri: uriOf(context, 'scheduled_events', ID) };
  if (action === 'deleted') return { event, recap: { deleted_at: AT, uri: at(context, 'meeting_recaps') } };
  const attendees = [{ host: true, user_email: host.email, user_name: host.name }];
  const recapped = {
    summary_md: 'We met.',
    transcript: at(context, 'meeting_recaps') + '/transcript',
    uri: at(context, 'meeting_recaps'),
  };
  return {
    ...(action === 'created' && { created_at: AT }),
    event: {
      attendees,
      end_time: '2026-03-06T09:30:00.000000Z',
      location: { location: '12 Sample Street', type: 'physical' },
      name: '30 Minute Meeting',
      start_time: '2026-03-06T09:00:00.000000Z',
      ...event,
    },
    recap: recapped,
  };
}

function submission(context: SandboxContext): object {
  return {
    created_at: AT,
    questions_and_answers: [{ answer: 'A demo', question: 'What is it about?', question_uuid: ID }],
    // It was recorded as an object, although the documents say that it is a string.
    result: { type: 'custom_message', value: { body: 'Thank you.', headline: 'Received' } },
    routing_form: at(context, 'routing_forms'),
    submitter: null,
    submitter_type: null,
    tracking: {
      utm_campaign: null,
      utm_source: null,
      utm_medium: null,
      utm_content: null,
      utm_term: null,
      salesforce_uuid: null,
    },
    updated_at: AT,
    uri: at(context, 'routing_form_submissions'),
  };
}

function at(context: SandboxContext, kind: string): string {
  return `${context.switches.uriBase}/${kind}/${ID}`;
}
