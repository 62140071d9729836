import type { SandboxContext } from '../context.ts';
import { HttpError } from '../http-error.ts';
import { newId } from '../new-id.ts';
import type { Invitation } from '../state.ts';
import { uriOf } from '../uris.ts';
import { notFound, permissionDenied } from './api-error.ts';
import type { ApiCall, ApiRoutes } from './api-routes.ts';
import type { Requester } from './authenticate.ts';
import { paginate, readCount, readDirection } from './pagination.ts';
import { requireAdministrator } from './permissions.ts';
import { Validation } from './validation.ts';

/** Invitations into an organization. An account accepts one by joining the organization with the invited e-mail address. */
export function invitationRoutes(routes: ApiRoutes, context: SandboxContext): void {
  const list = '/organizations/:organization/invitations';
  routes.get(list, ['organizations:read'], (call) => listInvitations(context, call));
  routes.post(list, ['organizations:write'], (call) => invite(context, call));

  routes.get(`${list}/:uuid`, ['organizations:read'], ({ requester, params }) => {
    requireInvitingRights(context, requester, params['organization']!);
    return { resource: viewInvitation(context, find(context, params)) };
  });

  routes.delete(`${list}/:uuid`, ['organizations:write'], ({ requester, params, reply }) => {
    requireInvitingRights(context, requester, params['organization']!);
    const invitation = find(context, params);
    if (invitation.status === 'accepted') {
      throw refusal('Invitation Already Accepted', 'The invitation has already been accepted.');
    }
    context.state.invitations = context.state.invitations.filter((each) => each !== invitation);
    context.save();
    return reply.code(204).send();
  });
}

function listInvitations(context: SandboxContext, { requester, params, query }: ApiCall): object {
  const validation = new Validation(query);
  const email = validation.string('email');
  const status = validation.choice('status', ['pending', 'accepted', 'declined']);
  const count = readCount(validation);
  const direction = readDirection(validation, 'created_at', 'asc');
  validation.end();
  const organization = params['organization']!;
  requireInvitingRights(context, requester, organization);
  const invitations = context.state.invitations.filter(
    (each) =>
      each.organization === organization &&
      (email === undefined || each.email === email) &&
      (status === undefined || each.status === status),
  );
  return paginate(context, invitations, {
    path: `/organizations/${organization}/invitations`,
    query,
    count,
    direction,
    keyOf: (each) => each.createdAt,
    idOf: (each) => each.uuid,
    show: (each) => viewInvitation(context, each),
  });
}

function invite(context: SandboxContext, { requester, request, params, reply }: ApiCall): object {
  const validation = new Validation(request.body);
  const email = validation.string('email', { required: true });
  validation.end();
  const organization = params['organization']!;
  requireInvitingRights(context, requester, organization, 'You do not have permission');
  if (!/^[^\s@]+@[^\s@]+\.[^\s@]+$/.test(email!)) throw refusal('Invalid Email', `${email} is an invalid email format`);
  const { accounts, invitations } = context.state;
  if (accounts.some((account) => account.organization === organization && account.email === email)) {
    throw refusal('Already Organization Member', `${email} is already in the organization`);
  }
  if (
    invitations.some((each) => each.organization === organization && each.email === email && each.status === 'pending')
  ) {
    throw refusal('Already Invited', `${email} has already been invited`);
  }
  const at = context.clock.stamp();
  const uuid = newId(context);
  const invitation: Invitation = {
    uuid,
    organization,
    email: email!,
    status: 'pending',
    user: null,
    createdAt: at,
    updatedAt: at,
  };
  invitations.push(invitation);
  context.save();
  reply.code(201);
  return { resource: viewInvitation(context, invitation) };
}

function requireInvitingRights(
  context: SandboxContext,
  requester: Requester,
  organization: string,
  refused?: string,
): void {
  if (!context.state.organizations.some(({ uuid }) => uuid === organization)) throw notFound();
  if (requester.account.organization !== organization) throw permissionDenied(refused);
  requireAdministrator(requester);
}

function find(context: SandboxContext, params: Record<string, string>): Invitation {
  const invitation = context.state.invitations.find(({ uuid }) => uuid === params['uuid']);
  if (!invitation) throw notFound();
  if (invitation.organization !== params['organization']) throw permissionDenied('You do not have permission');
  return invitation;
}

/** Refused invitations have titles of their own. Elsewhere the title is "Invalid Argument". */
function refusal(title: string, message: string): HttpError {
  return new HttpError(400, { message, title });
}

function viewInvitation(context: SandboxContext, invitation: Invitation): object {
  const organization = uriOf(context, 'organizations', invitation.organization);
  return {
    created_at: invitation.createdAt,
    email: invitation.email,
    last_sent_at: invitation.createdAt,
    organization,
    status: invitation.status,
    updated_at: invitation.updatedAt,
    uri: `${organization}/invitations/${invitation.uuid}`,
    ...(invitation.user !== null && { user: uriOf(context, 'users', invitation.user) }),
  };
}
