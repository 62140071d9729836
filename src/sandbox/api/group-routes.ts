import type { SandboxContext } from '../context.ts';
import type { Organization } from '../state.ts';
import { uriOf } from '../uris.ts';
import { notFound } from './api-error.ts';
import type { ApiRoutes } from './api-routes.ts';
import { paginate, readCount } from './pagination.ts';
import { requireAdministrator, requireOwnOrganization } from './permissions.ts';
import { Validation } from './validation.ts';

/** Every organization has one group with all of its members. */
export function groupRoutes(routes: ApiRoutes, context: SandboxContext): void {
  routes.get('/groups', ['groups:read'], ({ requester, query }) => {
    const validation = new Validation(query);
    const organization = validation.uri('organization', 'organizations', { required: true });
    const count = readCount(validation);
    validation.end();
    requireOwnOrganization(requester, organization!);
    requireAdministrator(requester);
    return paginate(context, [requester.organization], {
      path: '/groups',
      query,
      count,
      direction: 'asc',
      keyOf: (each) => each.createdAt,
      idOf: (each) => each.group,
      show: (each) => viewGroup(context, each),
    });
  });

  routes.get('/groups/:uuid', ['groups:read'], ({ requester, params }) => {
    const organization = context.state.organizations.find(({ group }) => group === params['uuid']);
    if (!organization) throw notFound();
    requireOwnOrganization(requester, organization.uuid);
    requireAdministrator(requester);
    return { resource: viewGroup(context, organization) };
  });
}

function viewGroup(context: SandboxContext, organization: Organization): object {
  return {
    created_at: organization.createdAt,
    member_count: context.state.accounts.filter((account) => account.organization === organization.uuid).length,
    name: `Everybody at ${organization.name}`,
    organization: uriOf(context, 'organizations', organization.uuid),
    updated_at: organization.createdAt,
    uri: uriOf(context, 'groups', organization.group),
  };
}
