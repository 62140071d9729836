import { cancelEvent } from '../bookings/cancel.ts';
import { viewEventInApi } from '../bookings/event-view.ts';
import type { SandboxContext } from '../context.ts';
import type { ScheduledEvent } from '../state.ts';
import { permissionDenied } from './api-error.ts';
import type { ApiCall, ApiRoutes } from './api-routes.ts';
import type { Requester } from './authenticate.ts';
import { paginate, readCount, readDirection } from './pagination.ts';
import { requireAdministrator, requireOwnOrganization, requireSelfOrAdministrator } from './permissions.ts';
import { Validation } from './validation.ts';
import { visibleEvent } from './visible-event.ts';

export function scheduledEventRoutes(routes: ApiRoutes, context: SandboxContext): void {
  routes.get('/scheduled_events', ['scheduled_events:read'], (call) => listEvents(context, call));

  routes.get('/scheduled_events/:uuid', ['scheduled_events:read'], ({ requester, params }) => ({
    resource: viewEventInApi(context, visibleEvent(context, requester, params['uuid']!)),
  }));

  routes.post('/scheduled_events/:uuid/cancellation', ['scheduled_events:write'], (call) => {
    const { requester, request, reply, params } = call;
    const validation = new Validation(request.body ?? {});
    const reason = validation.string('reason');
    if (reason !== undefined && reason.length > 10_000)
      validation.refuse('reason', 'size cannot be greater than 10000');
    validation.end();
    const event = visibleEvent(context, requester, params['uuid']!, 'You are not allowed to cancel this event');
    if (event.status === 'canceled') throw permissionDenied('Event is already canceled');
    if (Date.parse(event.startTime) <= context.clock.nowMs()) throw permissionDenied('Event in the past');
    const resource = cancelEvent(context, event, { by: 'host', ...(reason !== undefined && { reason }) });
    context.save();
    context.wakeDeliveries();
    return reply.code(201).send({ resource });
  });
}

function listEvents(context: SandboxContext, { requester, query }: ApiCall): object {
  const validation = new Validation(query);
  const user = validation.uri('user', 'users');
  const organization = validation.uri('organization', 'organizations');
  const group = validation.uri('group', 'groups');
  const email = validation.string('invitee_email');
  const status = validation.choice('status', ['active', 'canceled']);
  const from = validation.time('min_start_time') ?? -Infinity;
  const to = validation.time('max_start_time') ?? Infinity;
  const count = readCount(validation);
  const direction = readDirection(validation, 'start_time', 'asc');
  if (!('user' in query || 'organization' in query || 'group' in query)) validation.refuse('user', 'is missing');
  validation.end();
  requireAccess(context, requester, { user, organization, group });
  const isListed = (event: ScheduledEvent) => {
    const start = Date.parse(event.startTime);
    return (
      (user === undefined || event.host === user) &&
      (organization === undefined || event.organization === organization) &&
      (group === undefined || event.organization === requester.account.organization) &&
      (status === undefined || event.status === status) &&
      (context.switches.minStartTime === 'inclusive' ? start >= from : start > from) &&
      start < to &&
      (email === undefined || hasInvitee(context, event, email))
    );
  };
  return paginate(context, context.state.events.filter(isListed), {
    path: '/scheduled_events',
    query,
    count,
    direction,
    keyOf: (event) => event.startTime,
    idOf: (event) => event.uuid,
    show: (event) => viewEventInApi(context, event),
  });
}

type Whose = Record<'user' | 'organization' | 'group', string | undefined>;

/** `user` alone lists one's own events. For a colleague's events, `organization` is needed, too, and the role of an administrator. */
function requireAccess(context: SandboxContext, requester: Requester, { user, organization, group }: Whose): void {
  if (organization !== undefined) {
    requireOwnOrganization(requester, organization);
    if (user === undefined) requireAdministrator(requester);
    else requireSelfOrAdministrator(context, requester, user);
  } else if (user !== undefined && user !== requester.account.uuid) {
    requireSelfOrAdministrator(context, requester, user);
    throw permissionDenied(
      'Please also specify organization when requesting events for a user within your organization.',
    );
  }
  if (group !== undefined) {
    requireAdministrator(requester);
    if (group !== requester.organization.group) throw permissionDenied();
  }
}

function hasInvitee(context: SandboxContext, event: ScheduledEvent, email: string): boolean {
  return context.state.invitees.some((invitee) => invitee.event === event.uuid && invitee.email === email);
}
