import type { SandboxContext } from '../context.ts';
import type { Account, Organization } from '../state.ts';
import { uriOf } from '../uris.ts';
import { notFound, permissionDenied } from './api-error.ts';
import type { ApiCall, ApiRoutes } from './api-routes.ts';
import { paginate, readCount } from './pagination.ts';
import { requireAdministrator, requireOwnOrganization, requireSelfOrAdministrator } from './permissions.ts';
import { Validation } from './validation.ts';

/** Here the plan's name follows from its stage. Calendly has more plans. */
const plans = { free: 'basic', trial: 'teams', paid: 'professional' } as const;

export function organizationRoutes(routes: ApiRoutes, context: SandboxContext): void {
  routes.get('/organizations/:uuid', ['organizations:read'], ({ requester, params }) => {
    const organization = context.state.organizations.find(({ uuid }) => uuid === params['uuid']);
    if (!organization) throw notFound();
    requireOwnOrganization(requester, organization.uuid);
    return { resource: viewOrganization(context, organization) };
  });

  routes.get('/organization_memberships', ['organizations:read'], (call) => listMemberships(context, call));

  routes.get('/organization_memberships/:uuid', ['organizations:read'], ({ requester, params }) => {
    const account = context.state.accounts.find(({ membership }) => membership === params['uuid']);
    if (!account) throw notFound();
    if (account.organization !== requester.account.organization) throw permissionDenied();
    return { resource: viewMembership(context, account) };
  });
}

function listMemberships(context: SandboxContext, { requester, query }: ApiCall): object {
  const validation = new Validation(query);
  const organization = validation.uri('organization', 'organizations');
  const user = validation.uri('user', 'users', { required: query['organization'] === undefined });
  const count = readCount(validation);
  validation.end();
  if (user !== undefined) requireSelfOrAdministrator(context, requester, user);
  if (organization !== undefined) {
    requireOwnOrganization(requester, organization);
    if (user === undefined) requireAdministrator(requester);
  }
  const members = context.state.accounts.filter(
    (account) =>
      (organization === undefined || account.organization === organization) &&
      (user === undefined || account.uuid === user) &&
      (query['email'] === undefined || account.email === query['email']),
  );
  return paginate(context, members, {
    path: '/organization_memberships',
    query,
    count,
    direction: 'asc',
    keyOf: (account) => account.createdAt,
    idOf: (account) => account.membership,
    show: (account) => viewMembership(context, account),
  });
}

function viewOrganization(context: SandboxContext, organization: Organization): object {
  return {
    created_at: organization.createdAt,
    id: Number.parseInt(organization.uuid.slice(0, 6), 16),
    kind:
      context.state.accounts.filter((account) => account.organization === organization.uuid).length > 1
        ? 'multi'
        : 'single',
    name: organization.name,
    plan: plans[organization.stage],
    stage: organization.stage,
    updated_at: organization.createdAt,
    uri: uriOf(context, 'organizations', organization.uuid),
  };
}

function viewMembership(context: SandboxContext, account: Account): object {
  return {
    created_at: account.createdAt,
    organization: uriOf(context, 'organizations', account.organization),
    role: account.role,
    updated_at: account.updatedAt,
    uri: uriOf(context, 'organization_memberships', account.membership),
    user: {
      avatar_url: null,
      created_at: account.createdAt,
      email: account.email,
      locale: 'en',
      name: account.name,
      scheduling_url: `${context.publicUrl}/book/${account.slug}`,
      slug: account.slug,
      time_notation: '24h',
      timezone: account.timezone,
      updated_at: account.updatedAt,
      uri: uriOf(context, 'users', account.uuid),
    },
  };
}
