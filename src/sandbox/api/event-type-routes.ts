import type { SandboxContext } from '../context.ts';
import type { Account } from '../state.ts';
import { notFound, permissionDenied } from './api-error.ts';
import type { ApiCall, ApiRoutes } from './api-routes.ts';
import type { Requester } from './authenticate.ts';
import { viewEventType } from './event-type-view.ts';
import { paginate, readCount } from './pagination.ts';
import { requireOwnOrganization } from './permissions.ts';
import { Validation } from './validation.ts';

/** Every account has one event type, which is active and belongs to the account. */
export function eventTypeRoutes(routes: ApiRoutes, context: SandboxContext): void {
  routes.get('/event_types', ['event_types:read'], (call) => listEventTypes(context, call));

  routes.get('/event_types/:uuid', ['event_types:read'], ({ requester, params }) => ({
    resource: viewEventType(context, ownerOfEventType(context, requester, params['uuid']!)),
  }));
}

function listEventTypes(context: SandboxContext, { requester, query }: ApiCall): object {
  const validation = new Validation(query);
  const organization = validation.uri('organization', 'organizations');
  const user = validation.uri('user', 'users', { required: query['organization'] === undefined });
  const active = validation.choice('active', ['true', 'false']);
  const adminManaged = validation.choice('admin_managed', ['true', 'false']);
  const sort = validation.choice('sort', [
    'name',
    'name:asc',
    'name:desc',
    'position',
    'position:asc',
    'position:desc',
  ]);
  const count = readCount(validation);
  validation.end();
  if (organization !== undefined) requireOwnOrganization(requester, organization);
  const owners = context.state.accounts.filter(
    (account) =>
      account.organization === requester.account.organization && (user === undefined || account.uuid === user),
  );
  if (user !== undefined && owners.length === 0) throw permissionDenied('This user is not in your organization');
  return paginate(context, active === 'false' || adminManaged === 'true' ? [] : owners, {
    path: '/event_types',
    query,
    count,
    direction: sort?.endsWith(':desc') ? 'desc' : 'asc',
    // All have the same name and position, so the age of their owners orders them.
    keyOf: (account) => account.createdAt,
    idOf: (account) => account.eventType,
    show: (account) => viewEventType(context, account),
  });
}

/** The owner of this event type, if the requester may see it. */
export function ownerOfEventType(context: SandboxContext, requester: Requester, uuid: string): Account {
  const owner = context.state.accounts.find((account) => account.eventType === uuid);
  if (!owner) throw notFound();
  if (owner.organization !== requester.account.organization) throw permissionDenied();
  return owner;
}
