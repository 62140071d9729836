import { markNoShow, unmarkNoShow } from '../bookings/no-show.ts';
import type { SandboxContext } from '../context.ts';
import type { Invitee } from '../state.ts';
import { inviteeUri, inviteeUuidIn, uriOf } from '../uris.ts';
import { invalidArgument, notFound } from './api-error.ts';
import type { ApiRoutes } from './api-routes.ts';
import type { Requester } from './authenticate.ts';
import { Validation } from './validation.ts';
import { visibleEvent, visibleInvitee } from './visible-event.ts';

export function noShowRoutes(routes: ApiRoutes, context: SandboxContext): void {
  const settle = () => {
    context.save();
    context.wakeDeliveries();
  };

  routes.post('/invitee_no_shows', ['scheduled_events:write'], ({ requester, request, reply }) => {
    const validation = new Validation(request.body);
    const uri = validation.string('invitee', { required: true });
    if (uri !== undefined && inviteeUuidIn(uri) === null) validation.refuse('invitee', 'is in invalid format');
    validation.end();
    const invitee = visibleInvitee(context, requester, inviteeUuidIn(uri!));
    if (!hasBegun(context, invitee))
      throw invalidArgument([{ message: 'Event is not started yet', parameter: 'base' }]);
    if (invitee.noShow) throw invalidArgument([{ message: 'is already marked as no show', parameter: 'invitee' }]);
    markNoShow(context, invitee);
    settle();
    return reply.code(201).send({ resource: viewNoShow(context, invitee) });
  });

  routes.get('/invitee_no_shows/:uuid', ['scheduled_events:read'], ({ requester, params }) => ({
    resource: viewNoShow(context, find(context, requester, params['uuid']!)),
  }));

  routes.delete('/invitee_no_shows/:uuid', ['scheduled_events:write'], ({ requester, params, reply }) => {
    unmarkNoShow(context, find(context, requester, params['uuid']!));
    settle();
    return reply.code(204).send();
  });
}

/** Only the API checks this. The sandbox's own control can mark any invitee. */
function hasBegun(context: SandboxContext, invitee: Invitee): boolean {
  const event = context.state.events.find(({ uuid }) => uuid === invitee.event);
  return event !== undefined && Date.parse(event.startTime) <= context.clock.nowMs();
}

function find(context: SandboxContext, requester: Requester, uuid: string): Invitee {
  const invitee = context.state.invitees.find(({ noShow }) => noShow?.uuid === uuid);
  if (!invitee) throw notFound();
  visibleEvent(context, requester, invitee.event);
  return invitee;
}

function viewNoShow(context: SandboxContext, invitee: Invitee): object {
  const noShow = invitee.noShow!;
  return {
    created_at: noShow.createdAt,
    invitee: inviteeUri(context, invitee),
    uri: uriOf(context, 'invitee_no_shows', noShow.uuid),
  };
}
