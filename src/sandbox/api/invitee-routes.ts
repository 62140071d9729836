import { viewInvitee } from '../bookings/invitee-view.ts';
import type { SandboxContext } from '../context.ts';
import { notFound } from './api-error.ts';
import type { ApiCall, ApiRoutes } from './api-routes.ts';
import { createInvitee } from './create-invitee.ts';
import { InviteeCreationLimits } from './invitee-creation-limits.ts';
import { paginate, readCount, readDirection } from './pagination.ts';
import { Validation } from './validation.ts';
import { visibleEvent } from './visible-event.ts';

export function inviteeRoutes(routes: ApiRoutes, context: SandboxContext): void {
  routes.get('/scheduled_events/:uuid/invitees', ['scheduled_events:read'], (call) => listInvitees(context, call));

  routes.get('/scheduled_events/:uuid/invitees/:invitee', ['scheduled_events:read'], ({ requester, params }) => {
    const event = visibleEvent(context, requester, params['uuid']!);
    const invitee = context.state.invitees.find(({ uuid }) => uuid === params['invitee']);
    if (invitee?.event !== event.uuid) throw notFound();
    return { resource: viewInvitee(context, invitee) };
  });

  const limits = new InviteeCreationLimits();
  routes.post('/invitees', ['scheduled_events:write'], (call) => createInvitee(context, limits, call));
}

function listInvitees(context: SandboxContext, { requester, params, query }: ApiCall): object {
  const validation = new Validation(query);
  const status = validation.choice('status', ['active', 'canceled']);
  const email = validation.string('email');
  const count = readCount(validation);
  const direction = readDirection(validation, 'created_at', 'asc');
  validation.end();
  const event = visibleEvent(context, requester, params['uuid']!);
  const invitees = context.state.invitees.filter(
    (invitee) =>
      invitee.event === event.uuid &&
      (status === undefined || invitee.status === status) &&
      (email === undefined || invitee.email === email),
  );
  return paginate(context, invitees, {
    path: `/scheduled_events/${event.uuid}/invitees`,
    query,
    count,
    direction,
    keyOf: (invitee) => invitee.createdAt,
    idOf: (invitee) => invitee.uuid,
    show: (invitee) => viewInvitee(context, invitee),
  });
}
