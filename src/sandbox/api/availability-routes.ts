import { freeSlotsBetween } from '../bookings/slots.ts';
import { stampOf } from '../clock.ts';
import type { SandboxContext } from '../context.ts';
import type { ScheduledEvent } from '../state.ts';
import { uriOf } from '../uris.ts';
import { notFound, permissionDenied } from './api-error.ts';
import type { ApiCall, ApiRoutes } from './api-routes.ts';
import { viewAvailabilitySchedule } from './availability-schedule-view.ts';
import { ownerOfEventType } from './event-type-routes.ts';
import { requireColleague } from './permissions.ts';
import { Validation } from './validation.ts';

const DAY_MS = 86_400_000;
const BUSY_TIMES_DAYS = 7;
/** It was 7 before July 2026. */
const AVAILABLE_TIMES_DAYS = 31;

export function availabilityRoutes(routes: ApiRoutes, context: SandboxContext): void {
  routes.get('/event_type_available_times', ['availability:read'], (call) => listAvailableTimes(context, call));
  routes.get('/user_busy_times', ['availability:read'], (call) => listBusyTimes(context, call));

  routes.get('/user_availability_schedules', ['availability:read'], ({ requester, query }) => {
    const validation = new Validation(query);
    const user = validation.uri('user', 'users', { required: true });
    validation.end();
    return { collection: [viewAvailabilitySchedule(context, requireColleague(context, requester, user!))] };
  });

  routes.get('/user_availability_schedules/:uuid', ['availability:read'], ({ requester, params }) => {
    const owner = context.state.accounts.find(
      ({ availability, membership }) => (availability ?? membership) === params['uuid'],
    );
    if (!owner) throw notFound();
    if (owner.organization !== requester.account.organization)
      throw permissionDenied('This user is not in your organization');
    return { resource: viewAvailabilitySchedule(context, owner) };
  });
}

/** The free half hours of the booking page. There is no paging: the answer has the whole range. */
function listAvailableTimes(context: SandboxContext, { requester, query }: ApiCall): object {
  const validation = new Validation(query);
  const eventType = validation.uri('event_type', 'event_types', { required: true });
  const { from, to } = readRange(validation, AVAILABLE_TIMES_DAYS);
  if (from !== undefined && from < context.clock.nowMs()) validation.refuse('start_time', 'must be in the future');
  validation.end();
  const owner = ownerOfEventType(context, requester, eventType!);
  return {
    collection: freeSlotsBetween(context, owner.uuid, from!, to!).map((start) => {
      const at = stampOf(start);
      return {
        invitees_remaining: 1,
        scheduling_url: `${context.publicUrl}/book/${owner.slug}?month=${at.slice(0, 7)}&date=${at.slice(0, 10)}`,
        start_time: at,
        status: 'available',
      };
    }),
  };
}

/** Ascending by start. Nobody here has appointments outside Calendly, which would be of type `external`. */
function listBusyTimes(context: SandboxContext, { requester, query }: ApiCall): object {
  const validation = new Validation(query);
  const user = validation.uri('user', 'users', { required: true });
  const { from, to } = readRange(validation, BUSY_TIMES_DAYS);
  validation.end();
  const host = requireColleague(context, requester, user!);
  const isInRange = (event: ScheduledEvent) => Date.parse(event.endTime) > from! && Date.parse(event.startTime) < to!;
  const busy = context.state.events.filter(
    (event) => event.host === host.uuid && event.status === 'active' && isInRange(event),
  );
  return {
    collection: busy
      .sort((a, b) => Date.parse(a.startTime) - Date.parse(b.startTime))
      .map((event) => ({
        buffered_end_time: event.endTime,
        buffered_start_time: event.startTime,
        end_time: event.endTime,
        event: { uri: uriOf(context, 'scheduled_events', event.uuid) },
        start_time: event.startTime,
        type: 'calendly',
      })),
  };
}

function readRange(validation: Validation, days: number): { from: number | undefined; to: number | undefined } {
  const from = validation.time('start_time', { required: true });
  const to = validation.time('end_time', { required: true });
  if (from !== undefined && to !== undefined) {
    if (to <= from) validation.refuse('end_time', 'must be after start_time');
    else if (to - from > days * DAY_MS)
      validation.refuse('end_time', `must be no more than ${days} days after start_time`);
  }
  return { from, to };
}
