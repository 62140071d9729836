import { findAccount } from '../accounts.ts';
import type { SandboxContext } from '../context.ts';
import type { Account } from '../state.ts';
import { uriOf } from '../uris.ts';
import { notFound, permissionDenied } from './api-error.ts';
import type { ApiRoutes } from './api-routes.ts';

export function userRoutes(routes: ApiRoutes, context: SandboxContext): void {
  routes.get('/users/me', ['users:read'], ({ requester }) => ({ resource: viewUser(context, requester.account) }));

  routes.get('/users/:uuid', ['users:read'], ({ requester, params }) => {
    const account = findAccount(context, params['uuid']!);
    if (!account) throw notFound();
    if (account.organization !== requester.account.organization) throw permissionDenied();
    return { resource: viewUser(context, account) };
  });
}

function viewUser(context: SandboxContext, account: Account): object {
  return {
    avatar_url: null,
    created_at: account.createdAt,
    current_organization: uriOf(context, 'organizations', account.organization),
    email: account.email,
    locale: 'en',
    name: account.name,
    resource_type: 'User',
    scheduling_url: `${context.publicUrl}/book/${account.slug}`,
    slug: account.slug,
    time_notation: '24h',
    timezone: account.timezone,
    updated_at: account.updatedAt,
    uri: uriOf(context, 'users', account.uuid),
  };
}
